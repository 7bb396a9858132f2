using System.CommandLine;
using System.Text.Json;
using FineTuneChat.Gateway;
using FineTuneChat.Gateway.Installation;
using FineTuneChat.Gateway.Learning.Distillation;
using FineTuneChat.Gateway.Learning.References;
using FineTuneChat.Protocol;
using FineTuneChat.Protocol.OpenAi;
using Microsoft.Extensions.Logging.Abstractions;

namespace FineTuneChat.Cli;

/// <summary><c>distill</c>: a teacher answers prompts, and its replies become a dataset.</summary>
internal static class DistillCommand
{
    public static Command Create()
    {
        var prompts = new Option<FileInfo?>("--prompts")
        {
            Description = "What is asked: a text file with a question per line, or JSON lines with \"prompt\" or \"messages\"",
        };
        var general = new Option<bool>("--general") { Description = "Ask the bundled general questions, in English and Spanish, too" };
        var target = new Option<FileInfo>("--out")
        {
            Description = "The dataset to write; where it is there, what it lacks is added",
            DefaultValueFactory = _ => new FileInfo("distilled.jsonl"),
        };
        var url = new Option<string?>("--url") { Description = "The teacher's server, up to its /v1 [setting Learning:Teacher:Url; none: this machine]" };
        var model = new Option<string?>("--model")
        {
            Description = "The teacher: a model's id there, or without a server a name in models/ or a GGUF file [setting Learning:Teacher:Model]",
        };
        var system = new Option<string?>("--system") { Description = "A system prompt before each question" };
        var maxTokens = new Option<int>("--max-tokens") { Description = "Most tokens of a reply; longer ones are left out", DefaultValueFactory = _ => 1024 };
        var temperature = new Option<double?>("--temperature") { Description = "0: the likeliest replies [what the server likes]" };
        var command = new Command(
            "distill",
            "Has a better model answer questions, and writes a dataset of its replies. A server's key is read from FINETUNECHAT__Learning__Teacher__Key.")
        {
            prompts, general, target, url, model, system, maxTokens, temperature,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(prompts) is null && !parsed.GetValue(general))
                parsed.AddError("Name what is asked: --prompts FILE, --general, or both.");
        });
        maxTokens.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 1_000_000)
                given.AddError("--max-tokens must be from 1 to 1000000.");
        });
        temperature.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<double?>() is < 0 or > 2)
                given.AddError("--temperature must be from 0 to 2.");
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            IReadOnlyList<IReadOnlyList<RequestMessage>> asked = Prompts(parsed.GetValue(prompts), parsed.GetValue(general), parsed.GetValue(system));
            GatewaySettings settings = Settings(parsed.GetValue(url), parsed.GetValue(model));
            FileInfo file = parsed.GetRequiredValue(target);
            using var rows = new DistilledFile(file.FullName);
            try
            {
                await using TeacherSession session = await OpenAsync(settings, cancellation);
                var distiller = new Distiller(session.Teacher, settings.Teacher.Parallel, parsed.GetValue(maxTokens), parsed.GetValue(temperature));
                DistillationReport report = await DistillationDisplay.ShowAsync(show => distiller.RunAsync(asked, rows, show, cancellation));
                return Tell(report, file);
            }
            catch (TeacherException e)
            {
                throw new UserException($"{e.Message} {rows.Rows} rows are in {file.FullName}; the same command goes on from there.", e);
            }
        });
        return command;
    }

    private static IReadOnlyList<IReadOnlyList<RequestMessage>> Prompts(FileInfo? file, bool isGeneral, string? system)
    {
        IEnumerable<IReadOnlyList<RequestMessage>> asked = file is null ? [] : PromptList.Read(file.FullName);
        if (isGeneral)
            asked = asked.Concat(GeneralPrompts.All.Where(p => p.Use == GeneralPrompt.Replay).Select(p => (RequestMessage[])[PromptList.User(p.Prompt)]));
        return [.. asked.Select(prompt => system is null || prompt[0].Role == "system"
            ? prompt
            : [new RequestMessage { Role = "system", Content = system }, .. prompt])];
    }

    /// <summary>Those of the server, with what the command line names.</summary>
    private static GatewaySettings Settings(string? url, string? model)
    {
        var given = new Dictionary<string, string?>();
        if (url is not null || model is not null)
            given[$"{TeacherSettings.Section}:{nameof(TeacherSettings.Url)}"] = url ?? ""; // a model alone is one of this machine
        if (model is not null)
            given[$"{TeacherSettings.Section}:{nameof(TeacherSettings.Model)}"] = model;
        GatewaySettings settings = GatewaySettings.Read(SettingsFiles.Load(given));
        return settings.Teacher.IsNamed()
            ? settings
            : throw new UserException("There is no teacher. Name one with --url and --model, or a model of this machine with --model alone.");
    }

    private static Task<TeacherSession> OpenAsync(GatewaySettings settings, CancellationToken cancellation) => settings.Teacher.Url.Length > 0
        ? Task.FromResult(TeacherSession.OfServer(settings.Teacher))
        : TeacherSession.OfFileAsync(
            settings.Models.Catalog().Resolve(settings.Teacher.Model), settings.Engine,
            NullLogger.Instance, cancellation);

    /// <summary>What is missing on stderr, the figures on stdout. The exit code: whether all was answered.</summary>
    private static int Tell(DistillationReport report, FileInfo file)
    {
        foreach ((int prompt, string reason) in report.Refused)
            Console.Error.WriteLine($"prompt {prompt}: {reason}");
        if (report.CutOff.Count > 0)
            Console.Error.WriteLine($"Left out, because the reply was empty or longer than --max-tokens: prompts {string.Join(", ", report.CutOff)}");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            @out = file.FullName,
            rows = report.Rows,
            rows_before = report.Kept,
            left_out = report.CutOff.Count + report.Refused.Count,
            prompt_tokens = report.PromptTokens,
            reply_tokens = report.ReplyTokens,
        }));
        return report.CutOff.Count + report.Refused.Count == 0 ? 0 : 1;
    }
}
