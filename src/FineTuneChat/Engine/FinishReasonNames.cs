using FineTuneChat.Inference;
using FineTuneChat.OpenAi;

namespace FineTuneChat.Engine;

internal static class FinishReasonNames
{
    public static string ToWire(this FinishReason reason) => reason == FinishReason.Stop ? FinishReasons.Stop : FinishReasons.Length;
}
