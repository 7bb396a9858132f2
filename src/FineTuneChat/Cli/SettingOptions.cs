using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Cli;

/// <summary>
/// The properties of a class of settings as options of a verb. Their values are texts here: type, range and default are those of the property.
/// </summary>
/// <param name="defaults">What holds where nothing is given: shown in help.</param>
/// <param name="where">Which of the options; null = all.</param>
/// <param name="isRangeChecked">Whether a number out of range is wrong usage; otherwise the verb refuses it itself.</param>
internal sealed class SettingOptions<T>(T defaults, Func<OptionAttribute, bool>? where = null, bool isRangeChecked = true) where T : class
{
    private readonly (Option<string?> Option, PropertyInfo Property)[] _all =
    [
        .. OptionTable.Of<T>().Where(entry => where is null || where(entry.Option))
            .Select(entry => (Create(entry, defaults, isRangeChecked), entry.Property)),
    ];

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _all)
            command.Options.Add(option);
    }

    /// <summary>The option of a property.</summary>
    public Option Named(string property) => _all.First(pair => pair.Property.Name == property).Option;

    /// <summary>What was given on the command line, by the names of the properties.</summary>
    public IEnumerable<KeyValuePair<string, string>> Given(ParseResult parsed) =>
        from pair in _all
        let value = parsed.GetValue(pair.Option)
        where value is not null
        select KeyValuePair.Create(pair.Property.Name, (string)value);

    private static Option<string?> Create(OptionEntry entry, T defaults, bool isRangeChecked)
    {
        (PropertyInfo property, OptionAttribute about) = entry;
        string? otherwise = about.Otherwise ?? (property.GetValue(defaults) is { } preset ? OptionTable.Text(preset) : null);
        var option = new Option<string?>(about.Flag, about.OldFlag is { } old ? [old] : [])
        {
            HelpName = about.Value,
            Description = otherwise is null ? about.Description : $"{about.Description} [{otherwise}]",
            Arity = about.Alone is not null ? ArgumentArity.ZeroOrOne : about.IsList ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
            AllowMultipleArgumentsPerToken = about.IsList,
            CustomParser = result => result.Tokens.Count == 0 ? about.Alone : string.Join(',', result.Tokens.Select(t => t.Value)),
        };
        option.Validators.Add(result =>
        {
            string text = string.Join(',', result.Tokens.Select(t => t.Value));
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (!isRangeChecked && property.IsDefined(typeof(RangeAttribute)) && Settings.IsConvertible(text, type))
                return;
            if (result.Tokens.Count > 0 && Settings.Fault(property, text, isZeroOpen: false) is { } fault)
                result.AddError($"{about.Flag} is '{text}', but it {fault}.");
        });
        return option;
    }
}

/// <summary>The options that several verbs have.</summary>
internal static class SettingOptions
{
    /// <summary>Section <c>Engine</c>: of <c>serve</c> and <c>engine</c>.</summary>
    public static SettingOptions<EngineSettings> Engine { get; } = new(new EngineSettings());

    /// <summary>How RoPE rotates: of the verbs that must compute what the engine will.</summary>
    public static SettingOptions<EngineSettings> Rope { get; } = new(new EngineSettings(), option => option.IsRope);

    /// <summary>How a run learns: of the verbs that train.</summary>
    public static SettingOptions<RunOptions> Learning { get; } = new(RunOptions.Defaults, isRangeChecked: false);

    /// <summary>What was given on the command line; null is what was not.</summary>
    public static RunOptions Read(this SettingOptions<RunOptions> options, ParseResult parsed) => new ConfigurationBuilder()
        .AddInMemoryCollection(options.Given(parsed).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build().Get<RunOptions>() ?? new();

    /// <summary>What was given on the command line, as settings of section <c>Engine</c>.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Section(this SettingOptions<EngineSettings> options, ParseResult parsed) =>
        options.Given(parsed).Select(pair => KeyValuePair.Create($"{EngineSettings.Section}:{pair.Key}", (string?)pair.Value));

    /// <summary>What was given on the command line, with the defaults of what was not.</summary>
    public static EngineSettings Read(this SettingOptions<EngineSettings> options, ParseResult parsed) =>
        Settings.Read<EngineSettings>(new ConfigurationBuilder().AddInMemoryCollection(options.Section(parsed)).Build(), EngineSettings.Section);
}
