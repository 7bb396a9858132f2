namespace FineTuneChat.Protocol.Processes;

/// <summary>A supervised process holds its parent's pipe as standard input: when the parent dies, even by kill -9, the pipe closes.</summary>
internal static class ParentWatch
{
    public static async Task GoneAsync()
    {
        await using Stream input = Console.OpenStandardInput();
        var nothing = new byte[64];
        while (await input.ReadAsync(nothing) > 0)
        {
        }
    }
}
