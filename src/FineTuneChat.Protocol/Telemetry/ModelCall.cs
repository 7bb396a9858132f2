using System.Diagnostics;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Protocol.Telemetry;

/// <summary>A model is asked: a span, and at its end the figures. Costs nothing but this object while nobody listens.</summary>
internal sealed class ModelCall : IDisposable
{
    private readonly Activity? _span;
    private TagList _tags;

    private ModelCall(ActivityKind kind, string operation, string asked, string answers)
    {
        _span = Instruments.Source.HasListeners() ? Instruments.Source.StartActivity($"{operation} {asked}", kind) : null;
        _tags = new TagList
        {
            { "gen_ai.operation.name", operation },
            { "gen_ai.provider.name", "finetunechat" },
            { "gen_ai.request.model", asked },
            { "gen_ai.response.model", answers },
        };
        foreach (KeyValuePair<string, object?> tag in _tags)
            _span?.SetTag(tag.Key, tag.Value);
    }

    /// <summary>The gateway asks an engine. Whoever has the request finds it there: <see cref="Continue"/>.</summary>
    /// <param name="http">The client's request.</param>
    /// <param name="asked">The model by the client's name, which must be a known one.</param>
    /// <param name="answers">Its full name.</param>
    public static ModelCall OfClient(HttpContext http, string asked, string answers)
    {
        var call = new ModelCall(ActivityKind.Client, "chat", asked, answers);
        if (call._span is not null)
            http.Features.Set(call);
        return call;
    }

    /// <summary>An engine answers.</summary>
    public static ModelCall OfServer(string operation, string model) => new(ActivityKind.Internal, operation, model, model);

    /// <summary>What is done from here on, in this method and those that it calls, is part of the call that the request has made, if it has made one.</summary>
    public static void Continue(HttpContext http)
    {
        if (http.Features.Get<ModelCall>() is { } call)
            Activity.Current = call._span;
    }

    /// <param name="elapsed">All of it.</param>
    /// <param name="usage">Tokens; null: not known.</param>
    /// <param name="finish">Why the reply ended.</param>
    public void EndOfClient(TimeSpan elapsed, Usage? usage, string? finish)
    {
        Instruments.ClientDuration.Record(elapsed.TotalSeconds, _tags);
        if (usage is not null)
        {
            if (Instruments.TokenUsage.Enabled)
            {
                Instruments.TokenUsage.Record(usage.PromptTokens, [.. _tags, new("gen_ai.token.type", "input")]);
                Instruments.TokenUsage.Record(usage.CompletionTokens, [.. _tags, new("gen_ai.token.type", "output")]);
            }
            Count(usage.PromptTokens, usage.CompletionTokens);
        }
        if (finish is not null)
            _span?.SetTag("gen_ai.response.finish_reasons", new[] { finish });
    }

    /// <param name="elapsed">All of it, waiting included.</param>
    /// <param name="first">From the moment that a place was free to the first token.</param>
    /// <param name="rest">From there to the last one.</param>
    /// <param name="input">Tokens of the prompt.</param>
    /// <param name="output">Tokens of the reply.</param>
    public void EndOfServer(TimeSpan elapsed, TimeSpan first, TimeSpan rest, int input, int output)
    {
        Instruments.ServerDuration.Record(elapsed.TotalSeconds, _tags);
        Instruments.FirstToken.Record(first.TotalSeconds, _tags);
        if (output > 1)
            Instruments.PerToken.Record(rest.TotalSeconds / (output - 1), _tags);
        Count(input, output);
    }

    /// <summary>Names what went wrong, without quoting anybody.</summary>
    public void Fail(string error)
    {
        _tags.Add("error.type", error);
        _span?.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose() => _span?.Dispose();

    private void Count(int input, int output) => _span?.SetTag("gen_ai.usage.input_tokens", input).SetTag("gen_ai.usage.output_tokens", output);
}
