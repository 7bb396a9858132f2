using FineTuneChat.Grammars.Automata;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The formats of strings that can be enforced, as patterns: all that they match is of the format, though not all of the format is matched.</summary>
internal static class Formats
{
    // February has 29 days in years that 4 divides and 100 does not, or 400 does. Years from 1000.
    private const string Year = "[1-9][0-9]{3}";
    private const string LeapYear = "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)";
    private const string Date =
        $"(?:{Year}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|{LeapYear}-02-29)";
    private const string HourMinute = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
    private const string Time = $"{HourMinute}:[0-5][0-9](?:\\.[0-9]{{1,6}})?(?:Z|[-+]{HourMinute})";
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private const string Group = "[0-9a-f]{1,4}";
    private const string Label = "[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?";
    private const string Host = $"{Label}(?:\\.{Label}){{0,3}}\\.[a-z]{{2,8}}";
    private const string Segment = "[A-Za-z0-9_.~-]{1,30}";

    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = $"{Date}T{Time}",
        ["duration"] = "P(?:[0-9]{1,3}W|[0-9]{1,3}D|[0-9]{1,3}Y(?:[0-9]{1,2}M)?(?:[0-9]{1,2}D)?|[0-9]{1,3}M(?:[0-9]{1,2}D)?"
            + "|(?:[0-9]{1,3}D)?T(?:[0-9]{1,3}H(?:[0-9]{1,2}M)?(?:[0-9]{1,2}S)?|[0-9]{1,3}M(?:[0-9]{1,2}S)?|[0-9]{1,3}S))",
        ["uuid"] = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        ["email"] = $"[A-Za-z0-9_+-]{{1,20}}(?:\\.[A-Za-z0-9_+-]{{1,20}}){{0,2}}@{Host}",
        ["hostname"] = Host,
        ["ipv4"] = $"{Octet}(?:\\.{Octet}){{3}}",
        ["ipv6"] = $"(?:{Group}:){{7}}{Group}|(?:{Group}:){{1,7}}:|::{Group}(?::{Group}){{0,6}}|{Group}::{Group}(?::{Group}){{0,5}}"
            + $"|{Group}:{Group}::{Group}(?::{Group}){{0,4}}|{Group}:{Group}:{Group}::{Group}(?::{Group}){{0,3}}",
        ["uri"] = $"https?://{Host}(?::[1-9][0-9]{{0,3}})?(?:/{Segment}){{0,8}}/?",
    };

    private static readonly Dictionary<string, Lazy<Automaton>> Automata =
        Patterns.ToDictionary(p => p.Key, p => new Lazy<Automaton>(() => Automaton.Of(PatternParser.Parse($"^(?:{p.Value})$"), new Effort())));

    public static IReadOnlyCollection<string> Names => Patterns.Keys;

    /// <summary>The strings of a format; null when it is not known.</summary>
    public static Automaton? Find(string name) => Automata.TryGetValue(name, out Lazy<Automaton>? known) ? known.Value : null;
}
