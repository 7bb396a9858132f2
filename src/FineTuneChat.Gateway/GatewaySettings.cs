using FineTuneChat.Gateway.Access;
using FineTuneChat.Gateway.Documents;
using FineTuneChat.Gateway.Embedding;
using FineTuneChat.Gateway.Learning;
using FineTuneChat.Gateway.Learning.Distillation;
using FineTuneChat.Gateway.Learning.Recall;
using FineTuneChat.Gateway.Learning.Trainers;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Storage;
using FineTuneChat.Gateway.Talks;
using FineTuneChat.Gateway.Tools;
using FineTuneChat.Gateway.Upstream;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Telemetry;

namespace FineTuneChat.Gateway;

/// <summary>All sections of the settings, read once.</summary>
internal sealed record GatewaySettings
{
    public required ServerSettings Server { get; init; }
    public required SecuritySettings Security { get; init; }
    public required ModelsSettings Models { get; init; }
    public required EngineSettings Engine { get; init; }
    public required StorageSettings Storage { get; init; }
    public required RetrainingSettings Retraining { get; init; }
    public required TrainerSettings Trainer { get; init; }
    public required RecallSettings Recall { get; init; }
    public required DocumentSettings Documents { get; init; }
    public required TeacherSettings Teacher { get; init; }
    public required TalkSettings Talks { get; init; }
    public required ToolSettings Tools { get; init; }
    public required UpstreamSettings Upstream { get; init; }
    public required EmbeddingSettings Embedding { get; init; }
    public required TelemetrySettings Telemetry { get; init; }

    /// <exception cref="UserException">A key is unknown, or its value is not allowed.</exception>
    public static GatewaySettings Read(IConfiguration configuration) => new()
    {
        Server = Settings.Read<ServerSettings>(configuration, ServerSettings.Section),
        Security = Settings.Read<SecuritySettings>(configuration, SecuritySettings.Section),
        Models = Settings.Read<ModelsSettings>(configuration, ModelsSettings.Section),
        Engine = Settings.Read<EngineSettings>(configuration, EngineSettings.Section),
        Storage = Settings.Read<StorageSettings>(configuration, StorageSettings.Section),
        Retraining = Settings.Read<RetrainingSettings>(configuration, RetrainingSettings.Section),
        Trainer = Settings.Read<TrainerSettings>(configuration, TrainerSettings.Section),
        Recall = Settings.Read<RecallSettings>(configuration, RecallSettings.Section, subsections: [nameof(Teacher)]),
        Documents = Settings.Read<DocumentSettings>(configuration, DocumentSettings.Section),
        Teacher = Settings.Read<TeacherSettings>(configuration, TeacherSettings.Section),
        Talks = Settings.Read<TalkSettings>(configuration, TalkSettings.Section),
        Tools = Settings.Read<ToolSettings>(configuration, ToolSettings.Section),
        Upstream = Settings.Read<UpstreamSettings>(configuration, UpstreamSettings.Section),
        Embedding = Settings.Read<EmbeddingSettings>(configuration, EmbeddingSettings.Section),
        Telemetry = Settings.Read<TelemetrySettings>(configuration, TelemetrySettings.Section),
    };
}
