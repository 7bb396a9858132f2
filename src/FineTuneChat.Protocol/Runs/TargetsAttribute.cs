using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Protocol.Runs;

/// <summary>Names of linear layers, separated by commas, or <c>all</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TargetsAttribute : ValidationAttribute
{
    public const string All = "all";

    /// <summary>The trainer's, in its order.</summary>
    public static IReadOnlyList<string> Linears { get; } = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

    public override bool IsValid(object? value) => value is null or All || (value is string names && Split(names).All(Linears.Contains));

    public override string FormatErrorMessage(string name) => $"must be {All}, or some of {string.Join(", ", Linears)}, separated by commas";

    public static IReadOnlyList<string> Split(string names) => names == All ? Linears : names.Split(',', StringSplitOptions.TrimEntries);
}
