namespace FineTuneChat.Gateway.Learning.Gate;

/// <summary>Why something is so: a sentence in English, and what a page needs to say it in another language.</summary>
internal sealed record Reason(string Text, ReasonCode Code)
{
    public static Reason Of(string code, string text, params (string Name, double Value)[] values) =>
        new(text, new(code, values.ToDictionary(v => v.Name, v => v.Value)));
}

/// <summary>A reason without its words. Codes and names of values stay: pages rely on them.</summary>
internal sealed record ReasonCode(string Code, IReadOnlyDictionary<string, double> Values);
