using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Replies;

internal static class FinishReasonNames
{
    public static string ToWire(this FinishReason reason, bool hasCalls = false) =>
        reason == FinishReason.Length ? FinishReasons.Length : hasCalls ? FinishReasons.ToolCalls : FinishReasons.Stop;
}
