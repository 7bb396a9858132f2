using System.CommandLine;
using System.Globalization;
using FineTuneChat.Training.Objectives;

namespace FineTuneChat.Cli;

/// <summary>The options of <c>train</c> that say what is made smaller.</summary>
internal sealed class PreferenceOptionSet
{
    /// <summary>The method that knows no preferences.</summary>
    public const string Supervised = "sft";
    private static readonly PreferenceOptions Defaults = new();

    private readonly Option<double> _beta = new("--beta")
    {
        Description = "dpo, kto, --feedback: how far the model may go from the one it begins as; the smaller, the farther",
        DefaultValueFactory = _ => Defaults.Beta,
    };

    private readonly Option<double> _smoothing = new("--label-smoothing")
    {
        Description = "dpo, --feedback: share of the pairs that may be the wrong way round",
        DefaultValueFactory = _ => Defaults.LabelSmoothing,
    };

    private readonly Option<bool> _perToken = new("--length-normalized")
    {
        Description = "dpo, --feedback: compare per token, so that longer replies are not preferred for their length",
    };

    private readonly Option<double> _supervised = new("--sft-weight")
    {
        Description = "dpo, kto, --feedback: weight of learning the preferred replies as such, beside",
        DefaultValueFactory = _ => Defaults.SupervisedWeight,
    };

    public Option<string> Method { get; } = new("--method")
    {
        Description = "sft: learn replies; dpo: learn which of two replies is better; kto: learn which replies are good",
        DefaultValueFactory = _ => Supervised,
    };

    /// <summary>Preferences beside examples; only <c>train</c> has it.</summary>
    public Option<FileInfo?> Feedback { get; } = new("--feedback")
    {
        Description = "sft: preferences to learn beside --data, which may then be empty: pairs (chosen, rejected) and replies with a label",
    };

    /// <summary>Adds them, and refuses options of one method beside another.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="supervised">Its options that supervised learning alone has.</param>
    public void AddTo(Command command, params Option[] supervised)
    {
        Method.AcceptOnlyFromAmong(Supervised, "dpo", "kto");
        foreach (Option option in (Option[])[Method, _beta, _smoothing, _perToken, _supervised])
            command.Add(option);
        command.Validators.Add(parsed =>
        {
            bool isSupervised = parsed.GetValue(Method) is null or Supervised; // null: not given; a validator comes before defaults
            Option[] ofPreferences = parsed.GetResult(Feedback) is { Implicit: false } ? [] : [_beta, _smoothing, _perToken, _supervised];
            Option[] others = isSupervised ? ofPreferences : supervised;
            if (others.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } idle)
                parsed.AddError($"{idle.Name} has a meaning with --method {(isSupervised ? "dpo or kto" : Supervised)} only.");
        });
    }

    /// <summary>What was given of a method's own options, as a command line.</summary>
    public IEnumerable<string> Arguments(ParseResult parsed) =>
        from option in (Option[])[_beta, _smoothing, _perToken, _supervised]
        where parsed.GetResult(option) is { Implicit: false }
        from argument in option is Option<double> number
            ? (string[])[option.Name, parsed.GetValue(number).ToString(CultureInfo.InvariantCulture)] : [option.Name]
        select argument;

    /// <summary>Null where nothing is preferred: for sft without feedback.</summary>
    public PreferenceOptions? Read(ParseResult parsed) => parsed.GetValue(Method) == Supervised && parsed.GetResult(Feedback) is null ? null : new()
    {
        Beta = parsed.GetValue(_beta),
        LabelSmoothing = parsed.GetValue(_smoothing),
        LengthNormalized = parsed.GetValue(_perToken),
        SupervisedWeight = parsed.GetValue(_supervised),
    };
}
