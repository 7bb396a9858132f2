using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FineTuneChat.TestSupport;
using ProgramProcess = FineTuneChat.Gateway.Processes.ProgramProcess;

namespace FineTuneChat.Tests.Support;

/// <summary>A gateway in a process of its own, to be killed.</summary>
internal sealed class GatewayProcess : IDisposable
{
    private readonly Process _process;

    private GatewayProcess(Process process, string url)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = new Uri(url) };
    }

    public HttpClient Client { get; }
    public int Id => _process.Id;

    /// <param name="folder">Holds <c>random.gguf</c> (written when missing) and the data.</param>
    /// <param name="maxFileKilobytes">Limit of any file's size: stands for a full disk.</param>
    /// <param name="settings">Environment overrides; a key without a colon is a variable as it is.</param>
    public static async Task<GatewayProcess> StartAsync(TemporaryFolder folder, int? maxFileKilobytes = null, params (string Key, string Value)[] settings)
    {
        string model = folder["random.gguf"];
        if (!File.Exists(model))
            RandomModel.Write(model);
        ProcessStartInfo program = ProgramProcess.StartInfo(["serve", "--urls", "http://127.0.0.1:0", "--data", folder["data"], "--model", model]);
        program.ArgumentList.RemoveAt(program.ArgumentList.Count - 1); // serve is not supervised
        foreach ((string key, string value) in (IEnumerable<(string, string)>)
            [
                ("Engine:Threads", "1"), ("Retraining:Threads", "1"), ("Retraining:Automatic", "false"), ("Retraining:Rewordings", "0"),
                ("Embedding:Enabled", "false"), ("Server:OpenBrowser", "off"), .. settings,
            ])
            program.Environment[key.Contains(':') ? $"FINETUNECHAT__{key.Replace(":", "__")}" : key] = value;
        if (maxFileKilobytes is { } limit)
        {
            string[] command = [program.FileName, .. program.ArgumentList];
            program.FileName = "/bin/bash";
            program.ArgumentList.Clear();
            foreach (string argument in (string[])["-c", $"trap '' XFSZ; ulimit -f {limit}; exec \"$@\"", "bash", .. command])
                program.ArgumentList.Add(argument);
            program.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // the runtime's own big file would be over the limit
        }
        Process process = Process.Start(program)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("FineTuneChat is at ", StringComparison.Ordinal))
                continue;
            _ = process.StandardOutput.ReadToEndAsync();
            GeneralReplies.Pretend(folder["data"], model);
            return new GatewayProcess(process, line.Split(' ')[3]);
        }
        throw new InvalidOperationException($"The gateway ended with exit code {process.ExitCode}.");
    }

    public async Task<GatewayProcess> ReadyAsync()
    {
        await Eventually.TrueAsync(async () => (await Client.GetAsync("/health")).IsSuccessStatusCode);
        return this;
    }

    public async Task<JsonNode> GetJsonAsync(string path) => JsonNode.Parse(await Client.GetStringAsync(path))!;

    public async Task<(int Status, JsonNode Body)> PostAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync(path, content);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    /// <summary>kill -9: no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Client.Dispose();
    }
}
