using System.CommandLine;

namespace FineTuneChat.Cli;

/// <summary><c>--ctx</c> of <c>train</c>, <c>export</c> and <c>evaluate</c>: the engine's <c>--ctx</c>, said to those who must compute what it will.</summary>
internal static class ContextOption
{
    public static Option<int> Create()
    {
        var option = new Option<int>("--ctx") { Description = "Tokens of context that the model is served with; 0: as many as it was trained for (matters to Phi-3 with its two ropes)" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, out int context) || context is < 0 or > 1 << 24))
                result.AddError($"--ctx is {token.Value}; allowed: 0 to {1 << 24}.");
        });
        return option;
    }
}
