using System.Numerics.Tensors;
using FineTuneChat.Native.Llama;

namespace FineTuneChat.Training.Evaluation;

/// <summary>Writes many replies at once by the same <c>llama_decode</c> that serves. A prompt that gets several replies is computed once.</summary>
public static class ReplyWriting
{
    private const int MostParallel = 64, CacheTokens = 16 * 1024;

    /// <summary>Writes all replies.</summary>
    /// <param name="model">The loaded model.</param>
    /// <param name="adapter">An adapter to apply, or null.</param>
    /// <param name="tasks">What to answer.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>In the order of the tasks: the greedy reply, then those of the samplers.</returns>
    public static IReadOnlyList<IReadOnlyList<WrittenReply>> Run(
        LlamaModel model, LoadedAdapter? adapter, IReadOnlyList<ReplyTask> tasks, int threads, CancellationToken cancellation)
    {
        var replies = new IReadOnlyList<WrittenReply>[tasks.Count];
        IReadOnlyList<int[]> groups = Groups(tasks, model.CanSharePrefixes);
        int sequences = groups.Max(g => g.Sum(i => Sequences(tasks[i]))), cells = groups.Max(g => g.Sum(i => Cells(tasks[i], model.CanSharePrefixes)));
        using var context = new LlamaContext(model, new ContextOptions
        {
            CacheTokens = cells,
            BatchSize = cells,
            MaxSequences = sequences,
            Threads = threads,
        });
        context.SetAdapter(adapter);
        var batch = new LlamaBatch(cells);
        foreach (int[] group in groups)
        {
            using var writing = new Writing(model, context, batch, [.. group.Select(i => tasks[i])]);
            foreach (var (i, written) in group.Zip(writing.Run(cancellation)))
                replies[i] = written;
        }
        return replies;
    }

    /// <summary>What is written together: as much as fits. Long ones together and short ones together, so that few wait for one.</summary>
    private static List<int[]> Groups(IReadOnlyList<ReplyTask> tasks, bool isShared)
    {
        var groups = new List<int[]>();
        var group = new List<int>();
        int sequences = 0, cells = 0;
        foreach (int i in Enumerable.Range(0, tasks.Count).OrderBy(i => tasks[i].MaxTokens))
        {
            if (group.Count > 0 && (sequences + Sequences(tasks[i]) > MostParallel || cells + Cells(tasks[i], isShared) > CacheTokens))
            {
                groups.Add([.. group]);
                group.Clear();
                sequences = cells = 0;
            }
            group.Add(i);
            sequences += Sequences(tasks[i]);
            cells += Cells(tasks[i], isShared);
        }
        return [.. groups, [.. group]];
    }

    private static int Sequences(ReplyTask task) => 1 + task.Samplers.Count;

    private static int Cells(ReplyTask task, bool isShared) => (isShared ? 1 : Sequences(task)) * task.Prompt.Length + Sequences(task) * task.MaxTokens;

    /// <summary>The replies of one group.</summary>
    private sealed class Writing : IDisposable
    {
        private readonly LlamaModel _model;
        private readonly LlamaContext _context;
        private readonly LlamaBatch _batch;
        private readonly ReplyTask[] _tasks;
        private readonly List<Reply> _replies = [];

        public Writing(LlamaModel model, LlamaContext context, LlamaBatch batch, ReplyTask[] tasks)
        {
            (_model, _context, _batch, _tasks) = (model, context, batch, tasks);
            foreach (ReplyTask task in tasks)
            {
                _replies.Add(new Reply(task, null));
                foreach (Func<SamplerChain> make in task.Samplers)
                    _replies.Add(new Reply(task, make()));
            }
        }

        public IEnumerable<IReadOnlyList<WrittenReply>> Run(CancellationToken cancellation)
        {
            Begin();
            for (bool isFirst = true; _batch.Count > 0; isFirst = false)
            {
                cancellation.ThrowIfCancellationRequested();
                if (_context.Decode(_batch) != DecodeResult.Ok)
                    throw new InvalidOperationException("The prompts did not fit the context.");
                if (isFirst && _model.CanSharePrefixes)
                    Share();
                int?[] next = [.. _replies.Select(r => r.Row is { } row ? r.Choose(_context, row) : (int?)null)];
                _batch.Clear();
                foreach (var (sequence, token) in next.Index())
                    if (token is { } chosen)
                        _replies[sequence].Take(chosen, _model.Vocabulary.IsEndOfGeneration(chosen), sequence, _batch);
            }
            return Split([.. _replies.Select(r => r.Written(_model.Vocabulary))]);
        }

        public void Dispose() => _replies.ForEach(r => r.Sampler?.Dispose());

        /// <summary>The prompts, each once where sequences can share.</summary>
        private void Begin()
        {
            _context.Clear();
            _batch.Clear();
            int first = 0;
            foreach (ReplyTask task in _tasks)
            {
                for (int s = first; s < first + Sequences(task); s++)
                {
                    if (s > first && _model.CanSharePrefixes)
                        _replies[s].Row = _replies[first].Row;
                    else
                        for (int i = 0; i < task.Prompt.Length; i++)
                            _replies[s].Row = _batch.Add(task.Prompt[i], i, s, output: i == task.Prompt.Length - 1);
                }
                first += Sequences(task);
            }
        }

        /// <summary>After the first batch: what is computed of a prompt is that of its other replies, too.</summary>
        private void Share()
        {
            int first = 0;
            foreach (ReplyTask task in _tasks)
            {
                for (int s = first + 1; s < first + Sequences(task); s++)
                    _context.Share(first, s, task.Prompt.Length);
                first += Sequences(task);
            }
        }

        private IEnumerable<IReadOnlyList<WrittenReply>> Split(WrittenReply[] written)
        {
            int first = 0;
            foreach (ReplyTask task in _tasks)
            {
                yield return written[first..(first + Sequences(task))];
                first += Sequences(task);
            }
        }
    }

    /// <summary>A reply while it is written.</summary>
    private sealed class Reply(ReplyTask task, SamplerChain? sampler)
    {
        private readonly List<int> _tokens = [];
        private bool _hasEnded;

        public SamplerChain? Sampler => sampler;

        /// <summary>Where its next token's logits are in the batch; null when it is done.</summary>
        public int? Row { get; set; }

        public int Choose(LlamaContext context, int row) => sampler?.Sample(context, row) ?? TensorPrimitives.IndexOfMax(context.LogitsOf(row));

        public void Take(int token, bool isEnd, int sequence, LlamaBatch batch)
        {
            Row = null;
            _hasEnded = isEnd;
            if (isEnd || _tokens.Count == task.MaxTokens)
                return;
            Row = batch.Add(token, task.Prompt.Length + _tokens.Count, sequence, output: true);
            _tokens.Add(token);
        }

        public WrittenReply Written(Vocabulary vocabulary) => new(vocabulary.Detokenize([.. _tokens]), _hasEnded, _tokens.Count);
    }
}
