using System.ComponentModel.DataAnnotations;
using FineTuneChat.Training.Lora;

namespace FineTuneChat.Retraining;

/// <summary>Names of linear layers, separated by commas, or <c>all</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class TargetsAttribute : ValidationAttribute
{
    public const string All = "all";

    public override bool IsValid(object? value) => value is All || (value is string names && Split(names).All(LoraAdapter.AllLinears.Contains));

    public override string FormatErrorMessage(string name) => $"must be {All}, or some of {string.Join(", ", LoraAdapter.AllLinears)}, separated by commas";

    public static IReadOnlyList<string> Split(string names) => names == All ? LoraAdapter.AllLinears : names.Split(',', StringSplitOptions.TrimEntries);
}
