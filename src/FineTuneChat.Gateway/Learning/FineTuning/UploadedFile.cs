namespace FineTuneChat.Gateway.Learning.FineTuning;

/// <summary>A file of <c>/v1/files</c>, in OpenAI's shape. <c>created_at</c> in Unix seconds.</summary>
internal sealed record UploadedFile
{
    public const string FineTune = "fine-tune";

    /// <summary>What came of a job.</summary>
    public const string Results = "fine-tune-results";

    /// <summary>Documents that chats look things up in.</summary>
    public const string Assistants = "assistants";

    public required string Id { get; init; }
    public string Object => "file";
    public required long Bytes { get; init; }
    public required long CreatedAt { get; init; }

    /// <summary>Always null: files stay until they are deleted.</summary>
    public long? ExpiresAt => null;
    public required string Filename { get; init; }
    public required string Purpose { get; init; }
    public string Status => "processed";
}
