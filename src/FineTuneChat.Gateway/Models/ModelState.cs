namespace FineTuneChat.Gateway.Models;

/// <summary>What an engine does with a model.</summary>
internal static class ModelState
{
    public const string Unloaded = "unloaded", Loading = "loading", Loaded = "loaded";
}
