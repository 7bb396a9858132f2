using System.ComponentModel.DataAnnotations;

namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>
/// Section <c>Learning:Teacher</c>: a better model, which finds other words for questions and writes datasets. None unless one is named: nothing leaves the
/// machine by itself.
/// </summary>
internal sealed class TeacherSettings
{
    public const string Section = "Learning:Teacher";

    /// <summary>An OpenAI-compatible server up to its <c>/v1</c>. Empty: the teacher is a model of this machine.</summary>
    [RegularExpression("https?://.+", ErrorMessage = "must be empty, or begin with http:// or https://")]
    public string Url { get; init; } = "";

    /// <summary>The model's id there; without <see cref="Url"/> the name of a model in <c>models/</c>. Empty: no teacher.</summary>
    public string Model { get; init; } = "";

    /// <summary>The server's API key, best given as <c>FINETUNECHAT__Learning__Teacher__Key</c>.</summary>
    public string Key { get; init; } = "";

    /// <summary>Questions that it is asked at a time.</summary>
    [Range(1, 256)]
    public int Parallel { get; init; } = 4;

    /// <summary>Whether one is named.</summary>
    /// <exception cref="Protocol.UserException">A server is named, and no model.</exception>
    public bool IsNamed() => Model.Length > 0 || (Url.Length > 0
        ? throw new Protocol.UserException($"Setting {Section}:Url names a server, but {Section}:Model is empty: name one of its models, too.")
        : false);
}
