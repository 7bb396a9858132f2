using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Learning.Regret;
using FineTuneChat.Gateway.Learning.Runs;
using FineTuneChat.Gateway.Log;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using FineTuneChat.Protocol.Routes;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary><c>POST /api/feedback</c>: thumbs, corrections and comments on replies that any client got.</summary>
internal static class FeedbackApi
{
    public static void MapFeedback(this IEndpointRouteBuilder routes) => routes.MapPost("/api/feedback", RateAsync)
        .WithTags("Conversations").WithSummary("Rates a reply that any client got; null withdraws the rating")
        .RequireScope(Scopes.Rate).Takes(typeof(FeedbackRequest)).Stores().Refuses(StatusCodes.Status404NotFound);

    private static async Task<JsonAnswer<StoredRating>> RateAsync(
        HttpRequest request, Caller caller, RatingStore ratings, ExchangeLog log, ConversationReporter reporter, RetrainingService retraining,
        RegretGuard regret, QuestionVectors vectors, CancellationToken cancellation)
    {
        FeedbackRequest feedback = await RequestReader.ReadAsync(request, FeedbackJson.Wire.FeedbackRequest);
        (string completionId, string? rating) = feedback.Validate();

        await log.WhenLoggedAsync(completionId).WaitAsync(cancellation);
        StoredRating stored = await ratings.RateAsync(caller, completionId, rating, feedback.Correction, feedback.Comment, feedback.Reasons)
            ?? throw OpenAiException.NotFound("reply", completionId);
        reporter.TellOfReply(completionId, ConversationNews.Rated);
        await retraining.ConsiderAsync();
        regret.Consider(completionId);
        vectors.Wake();
        return ApiJson.Result(stored, FeedbackJson.Wire.StoredRating);
    }
}
