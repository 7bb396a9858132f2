using System.Reflection;
using Xunit.Sdk;

namespace FineTuneChat.Chat.Tests.Templates;

/// <summary>A theory's row about the template of a published model, whose name comes first. Skipped where this machine does not have the template.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class TemplateDataAttribute : DataAttribute
{
    private readonly object?[] _row;

    public TemplateDataAttribute(string name, params object?[] more)
    {
        _row = [name, .. more];
        if (ModelTemplates.Find(name) is null)
            Skip = $"The template of {name} may not be in the repository. FTC_TEMPLATES names a folder with {name}.jinja.";
    }

    public override IEnumerable<object?[]> GetData(MethodInfo testMethod) => [_row];
}
