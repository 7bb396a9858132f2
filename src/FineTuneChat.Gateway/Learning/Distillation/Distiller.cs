using FineTuneChat.Protocol.OpenAi;

namespace FineTuneChat.Gateway.Learning.Distillation;

/// <summary>How far a distillation is.</summary>
/// <param name="Done">Prompts that were asked, now or before.</param>
/// <param name="Of">Prompts in all.</param>
/// <param name="Tokens">That the teacher read and wrote, now.</param>
internal sealed record DistillationProgress(int Done, int Of, long Tokens);

/// <summary>What a distillation made.</summary>
/// <param name="Rows">In the file.</param>
/// <param name="Kept">Of these, there before.</param>
/// <param name="CutOff">Replies that are not taken: longer than allowed, refused or empty; the prompts' numbers, from 1.</param>
/// <param name="Refused">Prompts that the teacher refused, with its words.</param>
/// <param name="PromptTokens">The cost: what it read,</param>
/// <param name="ReplyTokens">and what it wrote.</param>
internal sealed record DistillationReport(
    int Rows, int Kept, IReadOnlyList<int> CutOff, IReadOnlyList<(int Prompt, string Reason)> Refused, long PromptTokens, long ReplyTokens);

/// <summary>
/// Has a teacher answer prompts, and writes question and reply as rows to learn from (Kim and Rush 2016, sequence-level distillation, arXiv 1606.07947).
/// </summary>
/// <param name="teacher">Who answers.</param>
/// <param name="parallel">Prompts at a time.</param>
/// <param name="maxTokens">The most tokens of a reply.</param>
/// <param name="temperature">0: the likeliest reply; null: what the server likes.</param>
internal sealed class Distiller(Teacher teacher, int parallel, int maxTokens, double? temperature)
{
    private readonly Lock _gate = new();
    private readonly List<int> _cutOff = [];
    private readonly List<(int, string)> _refused = [];
    private long _promptTokens, _replyTokens;
    private int _done;

    /// <summary>Asks what is not in the file yet. Each reply is in it as soon as it is there, so that nothing that was paid for is lost.</summary>
    /// <exception cref="TeacherException">It cannot be reached, or refuses everything.</exception>
    public async Task<DistillationReport> RunAsync(
        IReadOnlyList<IReadOnlyList<RequestMessage>> prompts, DistilledFile file, Action<DistillationProgress> progress, CancellationToken cancellation)
    {
        var missing = prompts.Select((prompt, i) => (Prompt: prompt, Number: i + 1)).Where(p => !file.Has(p.Prompt))
            .DistinctBy(p => DistilledFile.Key(p.Prompt)).ToArray();
        int kept = file.Rows;
        _done = prompts.Count - missing.Length;
        progress(new(_done, prompts.Count, 0));
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = cancellation };
        await Parallel.ForEachAsync(missing, options, async (one, token) =>
        {
            await AskAsync(one.Prompt, one.Number, file, token);
            progress(new(Interlocked.Increment(ref _done), prompts.Count, Interlocked.Read(ref _promptTokens) + Interlocked.Read(ref _replyTokens)));
        });
        return new(file.Rows, kept, [.. _cutOff.Order()], [.. _refused.Order()], _promptTokens, _replyTokens);
    }

    private async Task AskAsync(IReadOnlyList<RequestMessage> prompt, int number, DistilledFile file, CancellationToken cancellation)
    {
        try
        {
            TeacherReply reply = await teacher.AskAsync(prompt, maxTokens, temperature, cancellation);
            Interlocked.Add(ref _promptTokens, reply.PromptTokens);
            Interlocked.Add(ref _replyTokens, reply.ReplyTokens);
            if (reply.Text is { } text)
                file.Add(prompt, text);
            else
                Note(() => _cutOff.Add(number));
        }
        catch (TeacherException e) when (!e.IsHopeless) // this prompt is to blame
        {
            Note(() => _refused.Add((number, e.Message)));
        }
    }

    private void Note(Action add)
    {
        lock (_gate)
            add();
    }
}
