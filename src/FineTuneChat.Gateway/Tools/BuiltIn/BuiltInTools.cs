using System.Globalization;
using System.Text.Json;
using FineTuneChat.Gateway.Tools.Servers;

namespace FineTuneChat.Gateway.Tools.BuiltIn;

/// <summary>The tools that need no other program: what time it is, and sums, which models get wrong.</summary>
internal sealed class BuiltInTools(TimeProvider time) : IToolServer
{
    private const string Clock = "current_time", Sum = "calculate", Zone = "time_zone", Expression = "expression";

    private static readonly ToolList Tools = new(
    [
        new()
        {
            Server = ToolServerSettings.BuiltIn,
            Name = Clock,
            Description = "The current date and time, with the day of the week.",
            Parameters = JsonElement.Parse(
                """
                {"type":"object","properties":{"time_zone":{"type":"string","maxLength":64,
                "description":"An IANA time zone such as Europe/Madrid; without it that of the server."}},"additionalProperties":false}
                """),
        },
        new()
        {
            Server = ToolServerSettings.BuiltIn,
            Name = Sum,
            Description = "Works out an arithmetic expression with + - * / % ^, parentheses, and sqrt, abs, round, floor, ceil, min, max, ln, log10, exp, "
                + "sin, cos, tan, pi, e.",
            Parameters = JsonElement.Parse(
                """
                {"type":"object","properties":{"expression":{"type":"string","maxLength":500,"description":"Such as (12.5 + 7) * 3"}},
                "required":["expression"],"additionalProperties":false}
                """),
        },
    ], []);

    public Task<ToolList> ListAsync(CancellationToken cancellation) => Task.FromResult(Tools);

    public Task<ToolOutput> CallAsync(string tool, JsonElement arguments, CancellationToken cancellation) => Task.FromResult(
        tool == Clock ? Now(Text(arguments, Zone)) : Calculate(Text(arguments, Expression) ?? ""));

    public ValueTask DisposeAsync() => default;

    private ToolOutput Now(string? zone)
    {
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            return new($"There is no time zone '{ToolText.Shown(zone)}'. Give one such as Europe/Madrid.", IsError: true);
        DateTimeOffset now = zone is null ? time.GetLocalNow() : TimeZoneInfo.ConvertTime(time.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById(zone));
        return new(now.ToString("dddd, yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture), IsError: false);
    }

    private static ToolOutput Calculate(string expression)
    {
        try
        {
            return new(Calculator.Evaluate(expression), IsError: false);
        }
        catch (FormatException e)
        {
            return new(e.Message, IsError: true);
        }
    }

    private static string? Text(JsonElement arguments, string name) => arguments.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
