using FineTuneChat.Gateway.Learning.Distillation;
using FineTuneChat.Gateway.Serving;

namespace FineTuneChat.Gateway.Learning.Synthesis;

/// <summary>
/// The models that write and check rows: the teacher where one is named, otherwise the one that is to learn them. On this machine they are asked one question
/// at a time, when nobody chats; in between their engines are free to be swapped.
/// </summary>
internal sealed class RowModels(EngineRouter engines, TeacherSettings teacher, ChatActivity activity)
{
    private const int TokensOfRow = 300, TokensOfReply = 256;
    private const string Model = "model"; // what messages call the one that serves
    private static readonly TimeSpan ChatRest = TimeSpan.FromSeconds(2); // between a reply and the next question

    /// <summary>The model that writes, and where it is, if that is elsewhere.</summary>
    public string WriterFor(Assistant assistant) =>
        !teacher.IsNamed() ? assistant.Id : teacher.Url.Length > 0 ? $"{teacher.Model} at {teacher.Url}" : teacher.Model;

    /// <summary>What a model writes about a passage.</summary>
    /// <exception cref="TeacherException">It cannot be reached, or refuses.</exception>
    public async Task<TeacherReply> WriteAsync(Assistant assistant, SourcePassage passage, int count, CancellationToken cancellation)
    {
        bool isFar = teacher.Url.Length > 0;
        if (!isFar)
            await RestAsync(cancellation);
        await using TeacherSession session = isFar && teacher.IsNamed() ? TeacherSession.OfServer(teacher)
            : teacher.IsNamed() ? await TeacherSession.OfRouterAsync(engines, teacher.Model, cancellation, thinks: false)
            : await ServedAsync(assistant, cancellation);
        return await session.Teacher.AskAsync(
            [PromptList.User(RowRules.Request(passage, count))], TokensOfRow * count, temperature: 0, cancellation, RowRules.Schema(count));
    }

    /// <summary>What the model that is to learn a row says to its question now, without the passage.</summary>
    /// <exception cref="TeacherException">It does not start, or refuses.</exception>
    public async Task<string> AskAsync(Assistant assistant, string question, CancellationToken cancellation)
    {
        await RestAsync(cancellation);
        await using TeacherSession session = await ServedAsync(assistant, cancellation);
        return (await session.Teacher.AskAsync([PromptList.User(question)], TokensOfReply, temperature: 0, cancellation)).Written;
    }

    private Task<TeacherSession> ServedAsync(Assistant assistant, CancellationToken cancellation) =>
        TeacherSession.OfRouterAsync(engines, assistant.Id, cancellation, thinks: false, Model);

    private async Task RestAsync(CancellationToken cancellation)
    {
        await foreach (bool isBusy in activity.BusyAsync(ChatRest, cancellation))
            if (!isBusy)
                return;
    }
}
