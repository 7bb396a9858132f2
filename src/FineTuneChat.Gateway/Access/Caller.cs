using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Access;

/// <summary>
/// Who asks: the holder of an API key, who sees and changes what that key has begun and nothing else; or, where no key is asked for, whoever sits at
/// this machine, who sees everything, as an admin's key does. Route handlers take it as a parameter.
/// </summary>
/// <param name="Key">The key; null where none was asked for.</param>
internal sealed record Caller(ApiKey? Key)
{
    /// <summary>Whoever sits at this machine.</summary>
    public static Caller Local { get; } = new((ApiKey?)null);

    /// <summary>What new conversations, presets and prompts are marked with.</summary>
    public string Owner => Key?.Id ?? "";

    /// <summary>The assistant that is meant where none is named.</summary>
    public string FirstAssistant => Key?.Assistants is [var first, ..] ? first : AssistantNames.Default;

    /// <summary>Whether its key is for some assistants only, which are then all that there are for it.</summary>
    public bool IsLimited => Key?.Assistants is not null;

    /// <summary>Whether there is such an assistant for the caller.</summary>
    /// <param name="assistant">Its id; null: a local model, which is nobody's.</param>
    public bool MayAsk(string? assistant) => Key?.Assistants is not { } allowed || allowed.Contains(assistant);

    public bool SeesAll => MayDo(Scopes.Admin);

    public bool MayDo(string scope) => Key is null || Scopes.Allow(Key.Scopes, scope);

    /// <summary>For an action that needs another scope than its route does.</summary>
    /// <exception cref="OpenAiException">403: the caller's key does not allow it.</exception>
    public void Require(string scope)
    {
        if (Key is not null && !MayDo(scope))
            throw KeyGuard.InsufficientScope(Key, scope);
    }

    /// <summary>A condition of SQL, for a query with <c>@Owner</c>: nobody reads or changes what is not theirs, because no query finds it.</summary>
    /// <param name="column">Where the owner stands, such as <c>c.owner</c>.</param>
    public string Sees(string column) => SeesAll ? "TRUE" : $"{column} = @Owner";

    public static Caller Of(HttpContext http) => KeyGuard.KeyOf(http) is { } key ? new(key) : Local;

    /// <summary>Called by routing.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext http) => ValueTask.FromResult<Caller?>(Of(http));
}
