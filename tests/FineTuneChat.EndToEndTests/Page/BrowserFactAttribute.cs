namespace FineTuneChat.EndToEndTests.Page;

/// <summary>A test that needs a browser: Chromium, Chrome or Edge, or the one that <c>FTC_BROWSER</c> names. Says so where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (BrowserProgram.Path is null)
            Skip = "No browser found. Install Chromium, Chrome or Edge, or name one in FTC_BROWSER. "
                + $"Looked for: {string.Join(", ", BrowserProgram.Candidates)}";
    }
}

/// <summary><see cref="BrowserFactAttribute"/> with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = new BrowserFactAttribute().Skip;
}

internal static class BrowserProgram
{
    public static string[] Candidates { get; } = [.. All()];
    public static string? Path { get; } = Candidates.FirstOrDefault(File.Exists);

    /// <summary>Root may not have a sandbox. A GPU would be emulated on the processor, which costs more than to draw without one.</summary>
    public static string[] Arguments { get; } = ["--no-sandbox", "--disable-gpu", "--disable-gpu-rasterization", "--disable-software-rasterizer"];

    private static IEnumerable<string> All()
    {
        if (Environment.GetEnvironmentVariable("FTC_BROWSER") is { Length: > 0 } chosen)
            yield return chosen;
        if (OperatingSystem.IsWindows())
        {
            string[] programs = [@"Google\Chrome\Application\chrome.exe", @"Microsoft\Edge\Application\msedge.exe", @"Chromium\Application\chrome.exe"];
            foreach (string root in (string[])["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"])
                foreach (string program in programs)
                    yield return System.IO.Path.Combine(Environment.GetEnvironmentVariable(root) ?? "", program);
        }
        else if (OperatingSystem.IsMacOS())
        {
            foreach (string program in (string[])["Google Chrome", "Chromium", "Microsoft Edge"])
                yield return $"/Applications/{program}.app/Contents/MacOS/{program}";
        }
        else
        {
            string[] programs = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
            foreach (string program in programs)
                yield return $"/usr/bin/{program}";
            yield return "/snap/bin/chromium";
        }
    }
}
