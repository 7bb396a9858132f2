using System.Security.Cryptography;

namespace FineTuneChat.Engine;

/// <summary>Ids of tool calls: results refer to them.</summary>
internal static class CallIds
{
    public static string New() => "call_" + RandomNumberGenerator.GetHexString(24, lowercase: true);
}
