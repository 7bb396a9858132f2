using System.ComponentModel.DataAnnotations;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Protocol.Configuration;
using FineTuneChat.Protocol.Runs;

namespace FineTuneChat.Gateway.Learning;

/// <summary>Section <c>Retraining</c>: how the assistant learns from accepted examples.</summary>
internal sealed class RetrainingSettings
{
    public const string Section = "Retraining";
    public const string Auto = "auto", Adapter = "adapter";

    /// <summary>
    /// Start a run by itself when <see cref="MinNewExamples"/> wait and nobody chats, or the hour has come; otherwise only when asked. The page's switch counts
    /// more.
    /// </summary>
    public bool Automatic { get; init; } = true;

    /// <summary>New examples that an automatic run waits for.</summary>
    [Range(1, 1_000_000)]
    public int MinNewExamples { get; init; } = 10;

    /// <summary>How long nobody must have chatted before an automatic run starts; 0 = it need not be quiet.</summary>
    [Range(0, 24 * 60)]
    public int IdleMinutes { get; init; } = 5;

    /// <summary>The hour of the day (0 to 23, local time) in which an automatic run starts although somebody chats; -1 = none.</summary>
    [Range(-1, 23)]
    public int Hour { get; init; } = -1;

    /// <summary>Least time from the end of a run to the next automatic one.</summary>
    [Range(0, 30 * 24 * 60)]
    public int PauseMinutes { get; init; } = 60;

    /// <summary>
    /// Start a run by itself, at once, when something is deleted that the version in service has learned; where nothing else is accepted, the base serves
    /// instead.
    /// </summary>
    public bool RetrainAfterErasure { get; init; } = true;

    /// <summary>
    /// Learn from replies that were rated down or passed over, too: they are made less likely (KTO, and DPO where a better reply to the same question is
    /// known); otherwise from accepted replies alone.
    /// </summary>
    public bool LearnFromRejections { get; init; } = true;

    /// <summary>Put the version before back in service when users rate the replies of the new one down more often.</summary>
    public bool RollBackWhenRegretted { get; init; } = true;

    /// <summary>Chance that a version which is no worse is ever taken out of service by that.</summary>
    [Range(0.0001, 0.5)]
    public double RegretErrorRate { get; init; } = 0.01;

    /// <summary>
    /// What a run makes of its adapter: <c>auto</c> merges it into a file of its own, unless the base has fewer than 8 bits; <c>adapter</c> always leaves it
    /// beside the base, where it comes into service without a new process. The gate measures what will serve.
    /// </summary>
    [AllowedValues(Auto, Adapter)]
    public string ServeAs { get; init; } = Auto;

    /// <summary>How runs learn.</summary>
    [Inline]
    public RunOptions Run { get; init; } = RunOptions.Defaults with { };

    /// <summary>
    /// Other wordings of each question, written by the base itself or a teacher, in which its answer is learned, too; fewer, but two at least, where there are
    /// more than fifty questions; 0 = none.
    /// </summary>
    [Range(0, 8)]
    public int Rewordings { get; init; } = 8;

    /// <summary>
    /// Sentences around the key words of each question, in which a small base (fewer than 100 million parameters) learns its answer, too; fewer where there
    /// are more than twenty questions; 0 = none.
    /// </summary>
    [Range(0, 32)]
    public int KeyWordSentences { get; init; } = 20;

    /// <summary>
    /// Share of the dataset that repeats what the base already says, so that a few corrections do not erase the rest: at least 100 replies, unless it is 0.
    /// Where the bundled questions do not suffice, the base writes its own, up to <see cref="MaxReplay"/>.
    /// </summary>
    [Range(0, 0.95)]
    public double ReplayShare { get; init; } = 0.5;

    /// <summary>The most replies that are repeated. Each is written once by the base, which takes time on a large model.</summary>
    [Range(0, 100_000)]
    public int MaxReplay { get; init; } = 1000;

    /// <summary>
    /// Share of the imported examples that a run's decisions are measured on and that are never trained on. Only those are set aside whose reply follows from
    /// the question, as in extraction; what was said to the assistant, and facts, are always trained on.
    /// </summary>
    [Range(0, 0.5)]
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Share of them that no decision looks at: a version's record tells how it does there.</summary>
    [Range(0, 0.4)]
    public double TestShare { get; init; } = 0.1;

    /// <summary>Below this many such examples none is set aside.</summary>
    [Range(2, 1_000_000)]
    public int HeldOutMinimum { get; init; } = 30;

    /// <summary>Taught examples that the gate asks the candidate; of more, always the same ones.</summary>
    [Range(1, 1_000_000)]
    public int AskedExamples { get; init; } = 200;

    /// <summary>How often each of them is asked as served, with the sampling defaults, beside once for the most probable reply.</summary>
    [Range(0, 100)]
    public int Draws { get; init; } = 4;

    /// <summary>Share of the asked examples that must be learned; what is partly learned counts half.</summary>
    [Range(0, 1)]
    public double MinLearned { get; init; } = 0.75;

    /// <summary>By how much the share of learned ones may fall among examples that the version in service was taught, too.</summary>
    [Range(0, 1)]
    public double MaxTaughtLost { get; init; } = 0.05;

    /// <summary>Chance that a rule of the gate refuses a candidate that keeps to what it allows.</summary>
    [Range(0.0001, 0.5)]
    public double GateErrorRate { get; init; } = 0.01;

    /// <summary>By how much the loss on held-out accepted replies (nats per token) may exceed that of the base.</summary>
    [Range(0, 10)]
    public double MaxHeldOutLoss { get; init; } = 0.25;

    /// <summary>By how much the loss on the base's own replies (nats per token) may exceed that of the base.</summary>
    [Range(0, 10)]
    public double MaxRegressionLoss { get; init; } = 0.25;

    /// <summary>By how much the share of the base's own tokens that are predicted may fall below that of the base.</summary>
    [Range(0, 1)]
    public double MaxRegressionAccuracy { get; init; } = 0.1;

    /// <summary>
    /// Share of the general questions that it may begin to answer otherwise than the base.
    /// The first token decides where a reply goes: who answers everything in the same way fails here, though later tokens still fit.
    /// </summary>
    [Range(0, 1)]
    public double MaxRegressionOpenings { get; init; } = 0.2;

    /// <summary>Share of the general questions that it may answer otherwise than the base, be it in a single word.</summary>
    [Range(0, 1)]
    public double MaxRegressionReplies { get; init; } = 0.4;

    /// <summary>Share of the base's own replies that it may end elsewhere.</summary>
    [Range(0, 1)]
    public double MaxRegressionStops { get; init; } = 0.05;

    /// <summary>Share of the general questions that may get the one reply which most of the taught examples have.</summary>
    [Range(0, 1)]
    public double MaxAlike { get; init; } = 0.01;

    /// <summary>General questions, and as many held-out examples, that the gate has answered anew; 0 = none.</summary>
    [Range(0, 10_000)]
    public int WrittenReplies { get; init; } = 64;

    /// <summary>The most tokens of such a reply. Asked are those questions whose expected reply takes at most half of them.</summary>
    [Range(16, 65_536)]
    public int WrittenTokens { get; init; } = 256;

    /// <summary>Share of the written replies that may not end by themselves.</summary>
    [Range(0, 1)]
    public double MaxWrittenStops { get; init; } = 0.05;

    /// <summary>
    /// How many times longer than the expected ones (or than those of the version in service, if these are longer) written replies may be on average;
    /// likewise shorter.
    /// </summary>
    [Range(1, 1000)]
    public double MaxWrittenLength { get; init; } = 2;

    /// <summary>From this share of JSON among the held-out replies on, the data counts as JSON.</summary>
    [Range(0.01, 1)]
    public double WrittenJsonShare { get; init; } = 0.9;

    /// <summary>Share of the written replies that may then be no JSON although the version in service writes JSON there.</summary>
    [Range(0, 1)]
    public double MaxWrittenJson { get; init; } = 0.1;

    /// <summary>Compute threads of the trainer; 0 = one for each core: its processes run at a lower priority, so that chat comes first.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Compute threads that chat keeps during a run; 0 = a quarter of the cores, at least one.</summary>
    [Range(0, 1024)]
    public int ChatThreads { get; init; }

    /// <summary>Let the trainer wait, between micro-batches, while anybody waits for a reply.</summary>
    public bool PauseWhileChatting { get; init; }

    /// <summary>Sentences around the key words of each question; of a base that is not small, none.</summary>
    public int SentencesFor(BaseModel baseModel) => Rewordings > 0 && baseModel.IsSmall ? KeyWordSentences : 0;

    public int ChatThreadsDuringRun => ChatThreads > 0 ? ChatThreads : Math.Max(1, Environment.ProcessorCount / 4);

    public int TrainerThreads => Threads > 0 ? Threads : Environment.ProcessorCount;
}
