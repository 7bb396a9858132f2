using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FineTuneChat.Conversations;
using FineTuneChat.Conversations.Presets;
using FineTuneChat.Conversations.Transfer;
using FineTuneChat.Feedback;
using FineTuneChat.Gateway.Events;
using FineTuneChat.Monitoring;
using FineTuneChat.Retraining;
using FineTuneChat.Retraining.Examples;
using FineTuneChat.Security;
using FineTuneChat.Versions;

namespace FineTuneChat.Gateway;

/// <summary>Source-generated JSON of <c>/api</c>: snake_case; fields that have no value are null, not absent.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ListPage<ConversationSummary>))]
[JsonSerializable(typeof(Conversation))]
[JsonSerializable(typeof(ConversationChange))]
[JsonSerializable(typeof(ConversationImportReport))]
[JsonSerializable(typeof(ListPage<Preset>))]
[JsonSerializable(typeof(PresetRequest))]
[JsonSerializable(typeof(Removed))]
[JsonSerializable(typeof(Forgotten))]
[JsonSerializable(typeof(FeedbackRequest))]
[JsonSerializable(typeof(StoredRating))]
[JsonSerializable(typeof(ListPage<Preference>))]
[JsonSerializable(typeof(ListPage<DatasetItem>))]
[JsonSerializable(typeof(DatasetItem))]
[JsonSerializable(typeof(DatasetChange))]
[JsonSerializable(typeof(ImportRequest))]
[JsonSerializable(typeof(ImportReport))]
[JsonSerializable(typeof(ListPage<ImportSummary>))]
[JsonSerializable(typeof(ImportChange))]
[JsonSerializable(typeof(ListPage<ModelVersion>))]
[JsonSerializable(typeof(ModelVersion))]
[JsonSerializable(typeof(ListPage<ApiKey>))]
[JsonSerializable(typeof(ApiKeyRequest))]
[JsonSerializable(typeof(Access))]
[JsonSerializable(typeof(HealthState))]
[JsonSerializable(typeof(EngineStateChange))]
[JsonSerializable(typeof(ListPage<LogLine>))]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(StartRequest))]
[JsonSerializable(typeof(ListPage<Run>))]
[JsonSerializable(typeof(Measure))]
[JsonSerializable(typeof(VersionReport))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, GateFigure>))]
internal sealed partial class GatewayJson : JsonSerializerContext
{
    /// <summary>What is sent: non-ASCII text as it is (this is JSON, never HTML).</summary>
    public static GatewayJson Wire => Relaxed.Value;

    public static IResult Result<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => Results.Json(value, type, statusCode: status);

    private static class Relaxed // apart, so that it is made after Default
    {
        public static readonly GatewayJson Value = new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
