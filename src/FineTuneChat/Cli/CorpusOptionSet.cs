using System.CommandLine;
using FineTuneChat.Datasets.Corpora;
using FineTuneChat.Protocol;
using FineTuneChat.Training.Pretraining;

namespace FineTuneChat.Cli;

/// <summary>The options of <c>pretrain</c> on the user's own texts.</summary>
internal sealed class CorpusOptionSet
{
    private readonly Option<FileSystemInfo?> _corpus = new("--corpus")
    {
        Description = "A text file, or a folder of them (.txt, .md, .rst, .tex …, .jsonl with \"text\", packed as .gz or not)",
    };
    private readonly Option<string?> _continue = new("--continue")
    {
        HelpName = "MODEL",
        Description = "Go on with this model in place of a new one: all of its weights where they are floats and memory holds them, else a LoRA",
    };
    private readonly Option<string?> _noClean = new("--no-clean")
    {
        HelpName = "RULES",
        Description = $"Cleaning rules not to apply; all, or some of {string.Join(", ", CorpusCleaner.Rules.Select(rule => rule.Name))}",
    };
    private readonly Option<double> _heldOut = new("--val-share")
    {
        Description = "Share of the text that is measured with and not learned",
        DefaultValueFactory = _ => 0.05,
    };
    private readonly Option<string[]> _prompts = new("--prompt")
    {
        Description = "A beginning that the model goes on with as it learns; may be given several times",
    };
    private readonly Option<string?> _name = new("--name") { Description = "The model's name [that of --out]" };
    private readonly Option<int?> _vocabulary = Number("--vocab-size", "Tokens of the vocabulary");
    private readonly Option<int?> _layers = Number("--layers", "Transformer blocks");
    private readonly Option<int?> _width = Number("--width", "Width of the residual stream, a multiple of 32");
    private readonly Option<int?> _heads = Number("--heads", "Query heads");
    private readonly Option<int?> _kvHeads = Number("--kv-heads", "Key and value heads");
    private readonly Option<int?> _feedForward = Number("--feed-forward", "Width of the feed-forward layer, a multiple of 32");
    private readonly Option<int?> _context = Number("--context", "Tokens of context");
    private readonly Option<double?> _epochs = new("--epochs") { HelpName = "X", Description = "Passes over the text [4 to 16 by its length; --continue 1]" };
    private readonly Option<int?> _steps = Number("--steps", "Optimiser steps, in place of --epochs");
    private readonly Option<int?> _perStep = Number("--tokens-per-step", "Tokens of a step");
    private readonly Option<double?> _rate = new("--learning-rate")
    {
        HelpName = "X",
        Description = "Peak learning rate [by the width; --continue 2e-5, of a LoRA by the width]",
    };
    private readonly Option<double> _hours = new("--hours")
    {
        Description = "How long it may take, by an estimate: otherwise a smaller model is taken",
        DefaultValueFactory = _ => 8,
    };
    private readonly Option<int> _seed = new("--seed") { Description = "Of starting weights and order", DefaultValueFactory = _ => 1 };

    /// <param name="command">The verb.</param>
    /// <param name="recipe">Its other way.</param>
    public void AddTo(Command command, Option recipe)
    {
        Option[] all =
        [
            _corpus, _continue, _noClean, _heldOut, _prompts, _name, _vocabulary, _layers, _width, _heads, _kvHeads, _feedForward, _context, _epochs, _steps,
            _perStep, _rate, _hours, _seed,
        ];
        foreach (Option option in all)
            command.Options.Add(option);
        command.Validators.Add(parsed =>
        {
            bool isRecipe = parsed.GetResult(recipe) is not null;
            if (isRecipe == parsed.GetResult(_corpus) is not null)
                parsed.AddError($"One of {recipe.Name} and {_corpus.Name} is needed{(isRecipe ? ", not both" : "")}.");
            if (isRecipe && all.Except([_corpus, _continue]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } idle)
                parsed.AddError($"{idle.Name} has a meaning with {_corpus.Name} only: the recipe says it.");
            Option[] ofNew = [_vocabulary, _layers, _width, _heads, _kvHeads, _feedForward];
            if (parsed.GetResult(_continue) is not null && ofNew.FirstOrDefault(o => parsed.GetResult(o) is not null) is { } fixedThere)
                parsed.AddError($"{fixedThere.Name} cannot be chosen with {_continue.Name}: the model there has its own.");
            if (parsed.GetValue(_heldOut) is < 0 or >= 1)
                parsed.AddError($"{_heldOut.Name} is not allowed to be that; 0 to below 1 is.");
        });
    }

    /// <exception cref="UserException">A rule or a model is none.</exception>
    public CorpusOrder Read(ParseResult parsed)
    {
        HashSet<string> off = [.. (parsed.GetValue(_noClean) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        if (off.Remove("all"))
            off.UnionWith(CorpusCleaner.Rules.Select(rule => rule.Name));
        if (off.FirstOrDefault(name => CorpusCleaner.Rules.All(rule => rule.Name != name)) is { } unknown)
            throw new UserException($"'{unknown}' is no cleaning rule. There are {string.Join(", ", CorpusCleaner.Rules.Select(rule => rule.Name))}.");
        var request = new CorpusRequest
        {
            Name = parsed.GetValue(_name) ?? "",
            VocabularySize = parsed.GetValue(_vocabulary),
            Layers = parsed.GetValue(_layers),
            Width = parsed.GetValue(_width),
            Heads = parsed.GetValue(_heads),
            KvHeads = parsed.GetValue(_kvHeads),
            FeedForward = parsed.GetValue(_feedForward),
            Context = parsed.GetValue(_context),
            Epochs = parsed.GetValue(_epochs),
            Steps = parsed.GetValue(_steps),
            TokensPerStep = parsed.GetValue(_perStep),
            LearningRate = parsed.GetValue(_rate),
            Hours = parsed.GetValue(_hours),
            Seed = (ulong)Math.Max(0, parsed.GetValue(_seed)),
        };
        string? goesOn = Base(parsed);
        return new CorpusOrder(parsed.GetValue(_corpus)!.FullName, goesOn, off, parsed.GetValue(_heldOut), parsed.GetValue(_prompts) ?? [], request);
    }

    /// <summary>The file of the model to go on with; null: a new one.</summary>
    /// <exception cref="UserException">There is no such model.</exception>
    public string? Base(ParseResult parsed)
    {
        if (parsed.GetValue(_continue) is not { } name)
            return null;
        using ModelsAccess access = ModelsAccess.Open();
        return access.Catalog.Resolve(name).Path;
    }

    private static Option<int?> Number(string name, string about) => new(name) { HelpName = "N", Description = $"{about} [chosen]" };
}
