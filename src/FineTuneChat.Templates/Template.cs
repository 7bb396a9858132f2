using FineTuneChat.Templates.Builtins;
using FineTuneChat.Templates.Runtime;
using FineTuneChat.Templates.Syntax;

namespace FineTuneChat.Templates;

/// <summary>
/// A Jinja template. Safe for templates of any origin: no reflection, no files, limits on everything. Can be used from several
/// threads at once.
/// </summary>
public sealed class Template
{
    private readonly Block _body;

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template's text.</param>
    /// <param name="limits">What one rendering may cost; <see cref="TemplateLimits.Default"/> when null.</param>
    /// <exception cref="TemplateException">The text is no template, or too long.</exception>
    public Template(string source, TemplateLimits? limits = null)
    {
        Source = source;
        Limits = limits ?? TemplateLimits.Default;
        if (source.Length > Limits.SourceLength)
        {
            string reason = $"The template has {source.Length:N0} characters; at most {Limits.SourceLength:N0} are allowed.";
            throw new TemplateException(TemplateError.Limit, reason);
        }

        _body = Parser.Parse(source);
    }

    private Template(Template other, TemplateLimits limits) => (Source, Limits, _body) = (other.Source, limits, other._body);

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>What one rendering may cost.</summary>
    public TemplateLimits Limits { get; }

    /// <summary>The same template under other limits.</summary>
    /// <param name="limits">What one rendering may cost.</param>
    public Template WithLimits(TemplateLimits limits) => new(this, limits);

    /// <summary>Writes the text.</summary>
    /// <param name="variables">The names that the template sees, besides Jinja's own functions.</param>
    /// <param name="time">The clock: for <c>strftime_now</c>, and for the limit on time.</param>
    /// <exception cref="TemplateException">The template fails, refuses its variables, or passes a limit.</exception>
    public RenderedText Render(IReadOnlyDictionary<string, Value> variables, TimeProvider time)
    {
        var context = new RenderContext(Limits, time, Nesting.CharactersIn(variables.Values));
        var scope = new Scope(null);
        GlobalFunctions.AddTo(scope, context);
        foreach ((string name, Value value) in variables)
            scope.Set(name, value);
        TextValue text = new StatementRunner(context).Render(_body, scope);
        return new RenderedText(text.Text, text.Runs.ToArray());
    }
}
