using System.Text.Json;
using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Dialects;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Serving;
using FineTuneChat.Gateway.Talks;
using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.FollowUps;

/// <summary>
/// Whether the last message of a talk says how the reply before it should have been: by its words, or by the model itself, which is asked for yes or no and
/// whose probability of yes decides (<see cref="TalkSettings.FollowUps"/>).
/// </summary>
internal sealed class FollowUpDetector(EngineRouter engines, TalkSettings settings)
{
    private const string Yes = "yes", No = "no";
    private const int Seen = 400; // characters of each message that the model is shown

    public async Task<bool> IsFollowUpAsync(HttpContext http, LoggedExchange exchange)
    {
        if (settings.FollowUps == TalkSettings.Off
            || exchange.Seen is not [.., { Content: { } question }, { Content: { } reply }, { Role: "user", Content: { } last }])
            return false;
        return settings.FollowUps == TalkSettings.Rules
            ? FollowUpRules.IsFollowUp(last)
            : await YesAsync(http, exchange.Assistant, question, reply, last) >= settings.FollowUpThreshold;
    }

    /// <summary>The model's probability of yes against no.</summary>
    public async Task<double> YesAsync(HttpContext http, string assistant, string question, string reply, string last)
    {
        var request = new ChatCompletionRequest
        {
            Messages = [new() { Role = "user", Content = Prompt(question, reply, last) }],
            GuidedChoice = [Yes, No],
            Temperature = 0,
            MaxTokens = 4,
            Logprobs = true,
            TopLogprobs = 20,
            ChatTemplateKwargs = ChatSwitches.Thinking(false),
        };
        using EngineLease lease = engines.Acquire(Caller.Of(http), assistant);
        JsonElement answer = await EngineCall.JsonAsync(
            http, lease, ChatCompletionsApi.Path, JsonSerializer.SerializeToUtf8Bytes(request, OpenAiJson.Wire.ChatCompletionRequest));
        return YesOf(JsonSerializer.Deserialize(answer, OpenAiJson.Default.ChatCompletion)!.Choices[0]);
    }

    /// <summary>From the first token: what is not among the likeliest ones is less likely than they are.</summary>
    private static double YesOf(ChatChoice choice)
    {
        TokenLogprob first = choice.Logprobs!.Content![0];
        IReadOnlyList<TokenLogprob> likely = first.TopLogprobs ?? [first];
        double least = likely.Min(token => token.Logprob);
        double yes = Of(Yes), no = Of(No);
        return yes == no ? (choice.Message.Content == Yes ? 1 : 0) : 1 / (1 + Math.Exp(no - yes));

        double Of(string word) => likely.Where(token => token.Token.Trim() is { Length: > 0 } text && word.StartsWith(text, StringComparison.OrdinalIgnoreCase))
            .Select(token => token.Logprob).DefaultIfEmpty(least).Max();
    }

    private static string Prompt(string question, string reply, string last) =>
        $"A user asked: {Cut(question)}\nThe assistant replied: {Cut(reply)}\nThen the user said: {Cut(last)}\n\n"
        + "Does the user's last message correct that reply, or ask for the same reply in another form? Answer yes or no.";

    private static string Cut(string text) => text.Length <= Seen ? text : text[..Seen] + "…";
}
