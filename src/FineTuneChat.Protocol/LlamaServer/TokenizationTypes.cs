using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Protocol.LlamaServer;

/// <summary>What the bodies of <c>/tokenize</c>, <c>/detokenize</c> and <c>/apply-template</c> have in common. Null = not given.</summary>
internal abstract record TokenizationRequest
{
    public string? Model { get; init; }

    /// <summary>Parameters that this server does not know: each is an error, none is ignored.</summary>
    [JsonExtensionData] public Dictionary<string, JsonElement>? Unknown { get; set; }
}

internal sealed record TokenizeRequest : TokenizationRequest
{
    public string? Content { get; init; }
    public bool? AddSpecial { get; init; } // BOS and EOS where the model wants them
    public bool? ParseSpecial { get; init; } // read the text of control tokens as those
    public bool? WithPieces { get; init; }
}

/// <summary>The answer of <c>/tokenize</c>: ids, or with <c>with_pieces</c> ids and texts.</summary>
internal sealed record TokenList([property: WireType(typeof(int[]), typeof(TokenPiece[]))] JsonArray Tokens);

/// <summary>A token and its text; where that is no whole UTF-8, its bytes.</summary>
internal sealed record TokenPiece(int Id, [property: WireType(typeof(string), typeof(int[]))] JsonNode Piece);

internal sealed record DetokenizeRequest : TokenizationRequest
{
    [WireType(typeof(int[]))] public JsonElement? Tokens { get; init; }
}

/// <summary>The answer of <c>/detokenize</c>.</summary>
internal sealed record DetokenizedText(string Content);

internal sealed record ApplyTemplateRequest : TokenizationRequest
{
    public IReadOnlyList<RequestMessage>? Messages { get; init; }
    public IReadOnlyList<JsonElement>? Tools { get; init; }
    public bool? AddGenerationPrompt { get; init; }
    public IReadOnlyDictionary<string, JsonElement>? ChatTemplateKwargs { get; init; } // as in chat
}

/// <summary>The answer of <c>/apply-template</c>.</summary>
internal sealed record RenderedTemplate(string Prompt);
