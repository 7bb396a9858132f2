using FineTuneChat.Inference.Speculation;

namespace FineTuneChat.Inference.Scheduling;

/// <summary>
/// Decides how many guessed tokens each step computes along with those that it must: their rows are computed together, and what the sampler then chooses itself
/// need not be computed any more. The text is the one that would be written without; what is gained is time, or lost. So a step gets the drafts with which
/// it is likely to write most tokens for its time: none where guesses are seldom right, or where rows are dear.
/// </summary>
/// <param name="mode">Whether it weighs that at all.</param>
internal sealed class Speculator(SpeculationMode mode)
{
    private const int MostRows = 64; // drafted in one step: each has logits for the whole vocabulary
    private const double Worthwhile = 1.05; // times as fast, so that errors of measurement cost nothing

    private readonly StepCost _cost = new();
    private readonly Acceptance _usual = new();
    private readonly List<Sequence> _guessing = [];

    public Drafter NewDrafter(int[] tokens, GenerationRequest request) => new(tokens, request.Prompt, request.Predicted, request.MostDrafted, _usual);

    /// <summary>Gives sequences that are being written their drafts.</summary>
    /// <param name="plan">The step; nothing else of it changes.</param>
    /// <param name="room">Rows that batch and cache have for drafts.</param>
    public void Draft(StepPlan plan, int room)
    {
        _guessing.Clear();
        int rows = 0;
        foreach (Work work in plan.Work)
        {
            if (!work.IsWriting)
                continue;
            rows++;
            if (work.Sequence.Drafter is { } drafter && drafter.Look(work.Sequence.Count))
                _guessing.Add(work.Sequence);
        }

        if (_guessing.Count == 0)
            return;
        room = Math.Clamp(room, 0, MostRows);
        Share(mode == SpeculationMode.On ? room : Best(rows, room));
        foreach (Sequence sequence in _guessing)
            sequence.Draft();
    }

    /// <summary>Learns what a step cost in which replies were written and no prompt was read.</summary>
    public void Took(int rows, double time) => _cost.Add(rows, time);

    /// <summary>The number of drafted tokens with which a step is likely to write most for its time.</summary>
    private int Best(int rows, int room)
    {
        Clear();
        double tokens = rows, bestRate = Worthwhile * rows / _cost.Of(rows);
        int best = 0;
        for (int drafted = 1; drafted <= room && Likeliest() is { } next; drafted++)
        {
            tokens += next.Gain;
            next.Plan();
            double rate = tokens / _cost.Of(rows + drafted);
            if (rate > bestRate)
                (best, bestRate) = (drafted, rate);
        }

        return best;
    }

    /// <summary>Each token goes to the sequence in which it is most likely right.</summary>
    private void Share(int tokens)
    {
        Clear();
        for (; tokens > 0 && Likeliest() is { } next; tokens--)
            next.Plan();
    }

    private void Clear()
    {
        foreach (Sequence sequence in _guessing)
            sequence.Drafter!.Clear();
    }

    private Drafter? Likeliest()
    {
        Drafter? likeliest = null;
        foreach (Sequence sequence in _guessing)
        {
            if (sequence.Drafter!.Gain > (likeliest?.Gain ?? 0))
                likeliest = sequence.Drafter;
        }

        return likeliest;
    }
}
