using System.Text.Json.Serialization;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Lists;

namespace FineTuneChat.Gateway.Learning.Feedback;

/// <summary>JSON of ratings and preferences.</summary>
[JsonSerializable(typeof(FeedbackRequest))]
[JsonSerializable(typeof(StoredRating))]
[JsonSerializable(typeof(ListPage<Preference>))]
internal sealed partial class FeedbackJson : JsonSerializerContext
{
    public static FeedbackJson Wire { get; } = new(ApiJson.Options());
}
