using FineTuneChat.Inference;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Engine.Replies;

internal static class FinishReasonNames
{
    public static string ToWire(this FinishReason reason, bool hasCalls = false, bool asFunction = false) => reason switch
    {
        FinishReason.Length => FinishReasons.Length,
        _ when !hasCalls => FinishReasons.Stop,
        _ => asFunction ? FinishReasons.FunctionCall : FinishReasons.ToolCalls,
    };
}
