using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FineTuneChat.Gateway.Models;
using FineTuneChat.Gateway.Models.Downloads;
using FineTuneChat.Protocol;

namespace FineTuneChat.Cli;

/// <summary><c>install</c>: a model where LM Studio or Ollama finds it.</summary>
internal static class InstallCommand
{
    private const string LmStudio = "lmstudio", Ollama = "ollama", Publisher = "finetunechat";

    public static Command Create()
    {
        var source = new Argument<string>("version-or-file") { Description = "A version (3, or assistant@3), a model's name, or a GGUF file" };
        var to = new Option<string>("--to") { Description = "The program", Required = true };
        to.AcceptOnlyFromAmong(LmStudio, Ollama);
        var name = new Option<string?>("--name") { Description = "What it is called there" };
        var folder = new Option<DirectoryInfo?>("--folder") { Description = "LM Studio's models folder; for Ollama where the Modelfile goes" };
        Option<DirectoryInfo?> data = DataAccess.Option();
        var command = new Command("install", "Puts a model where LM Studio or Ollama finds it.") { source, to, name, folder, data };
        command.SetAction(async (parsed, cancellation) =>
        {
            using ModelsAccess access = ModelsAccess.Open();
            string asked = parsed.GetRequiredValue(source), file = Find(access, asked, parsed.GetValue(data)?.FullName);
            string called = parsed.GetValue(name) ?? Name(asked, file), target = parsed.GetRequiredValue(to);
            if (called.Length is 0 or > 100 || !called.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') || called.StartsWith('.'))
                throw new UserException($"'{called}' is no name there: letters, digits and . _ - are allowed. Choose one with --name.");
            string path = target == LmStudio
                ? CopyToLmStudio(file, called, parsed.GetValue(folder)?.FullName)
                : await CreateInOllamaAsync(file, called, parsed.GetValue(folder)?.FullName ?? Directory.GetCurrentDirectory(), cancellation);
            Console.WriteLine(JsonSerializer.Serialize(new { to = target, path }));
        });
        return command;
    }

    private static string Find(ModelsAccess access, string asked, string? data)
    {
        string number = asked.StartsWith($"{AssistantNames.Default}@", StringComparison.Ordinal) ? asked[(AssistantNames.Default.Length + 1)..] : asked;
        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version))
            return access.Catalog.Resolve(asked).Path;
        if (version == 0)
            return access.Catalog.Resolve(access.Settings.Models.Base).Path;
        string folder = Path.Combine(data ?? access.Settings.Storage.FullPath(), "versions", $"{version}");
        if (!Directory.Exists(folder))
            throw new UserException($"There is no version {version} in {Path.GetDirectoryName(folder)}. Choose another data folder with --data DIR.");
        return Directory.EnumerateFiles(folder, "model-*.gguf").FirstOrDefault() ?? throw new UserException(
            $"Version {version} is an adapter beside its base. Merge it first: finetunechat export --base FILE --adapter "
            + $"{folder}/adapter.gguf --type Q8_0 --out FILE");
    }

    private static string Name(string asked, string file) =>
        asked.All(char.IsAsciiDigit) || asked.StartsWith($"{AssistantNames.Default}@", StringComparison.Ordinal)
        ? $"{AssistantNames.Default}-{asked.Split('@')[^1]}"
        : new LocalModel("", file).Stem;

    private static string CopyToLmStudio(string file, string name, string? given)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] usual = [Path.Combine(home, ".lmstudio", "models"), Path.Combine(home, ".cache", "lm-studio", "models")];
        string models = given ?? usual.FirstOrDefault(Directory.Exists)
            ?? throw new UserException($"LM Studio's models folder is not there: {string.Join(", ", usual)}. Name it with --folder DIR.");
        string target = Path.Combine(models, Publisher, name, $"{name}.gguf");
        if (File.Exists(target))
            throw new UserException($"{target} is there already. Choose another name with --name, or delete it.");
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(file, target + DownloadState.Ending, overwrite: true);
        File.Move(target + DownloadState.Ending, target);
        return target;
    }

    private static async Task<string> CreateInOllamaAsync(string file, string name, string folder, CancellationToken cancellation)
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"{name}.Modelfile");
        await File.WriteAllTextAsync(path, $"FROM {file}\n", cancellation);
        try
        {
            using Process ollama = Process.Start(new ProcessStartInfo(Ollama, ["create", name, "-f", path]) { RedirectStandardOutput = true })!;
            await ollama.StandardOutput.ReadToEndAsync(cancellation);
            await ollama.WaitForExitAsync(cancellation);
            if (ollama.ExitCode != 0)
                throw new UserException($"'ollama create' failed (exit code {ollama.ExitCode}). The Modelfile is {path}.");
        }
        catch (Win32Exception)
        {
            await Console.Error.WriteLineAsync($"Ollama is not on this machine's path. Where it is: ollama create {name} -f {path}");
        }
        return path;
    }
}
