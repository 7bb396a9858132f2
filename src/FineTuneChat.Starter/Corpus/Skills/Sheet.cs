using System.Text.RegularExpressions;

namespace FineTuneChat.Starter.Corpus.Skills;

/// <summary>A question type in one language: many ways to ask, one way to answer.</summary>
/// <param name="Language">Of questions and answer.</param>
/// <param name="Name">Of the type.</param>
/// <param name="Weight">How often it is drawn against the sheet's other blocks of its language.</param>
/// <param name="Bindings">The sheet's and its own <c>let</c> lines.</param>
/// <param name="Questions">Templates; those that begin with <c>!</c> in the sheet are always trained on.</param>
/// <param name="Answer">Template of the one answer.</param>
/// <param name="Key">Template of what is put aside together; null for the question itself.</param>
internal sealed record SheetBlock(
    Language Language, string Name, double Weight, IReadOnlyList<SheetBinding> Bindings, IReadOnlyList<(string Text, bool MayBeHeldOut)> Questions,
    string Answer, string? Key);

/// <summary>
/// A slot's source: <c>row TABLE [except SLOT]</c>, <c>pick a/b/c</c>, <c>form TEMPLATE/TEMPLATE</c>, <c>number LOW HIGH</c>, or a kind of
/// <see cref="Values"/>.
/// </summary>
internal sealed record SheetBinding(string Slot, string Source, IReadOnlyList<string> Arguments);

/// <summary>Reads a skill from a text file; the format is described in <c>Sheets/README.md</c>.</summary>
internal static partial class Sheet
{
    public static IReadOnlyList<SheetBlock> Read(string name)
    {
        var shared = new List<SheetBinding>();
        var blocks = new List<SheetBlock>();
        foreach (var line in Resources.Lines($"Sheets/{name}.txt"))
        {
            var (head, rest) = (line[0], line[1..].Trim());
            switch (head)
            {
                case '[':
                    var parts = Header().Match(line);
                    var weight = parts.Groups[3].Success ? double.Parse(parts.Groups[3].Value) : 1;
                    blocks.Add(new SheetBlock(LanguageCodes.Parse(parts.Groups[1].Value), parts.Groups[2].Value, weight, [.. shared], [], "", null));
                    break;
                case '?' or '!':
                    blocks[^1] = blocks[^1] with { Questions = [.. blocks[^1].Questions, (rest, head == '?')] };
                    break;
                case '=':
                    blocks[^1] = blocks[^1] with { Answer = rest.Replace("\\n", "\n") };
                    break;
                case '@':
                    blocks[^1] = blocks[^1] with { Key = rest };
                    break;
                default:
                    var binding = ReadBinding(name, line);
                    if (blocks.Count == 0) shared.Add(binding);
                    else blocks[^1] = blocks[^1] with { Bindings = [.. blocks[^1].Bindings, binding] };
                    break;
            }
        }
        return blocks;
    }

    private static SheetBinding ReadBinding(string name, string line)
    {
        var match = Let().Match(line);
        if (!match.Success) throw new InvalidDataException($"Sheets/{name}.txt: \"{line}\" is none of [, ?, !, =, @ and let SLOT = SOURCE.");
        var (source, arguments) = (match.Groups[2].Value, match.Groups[3].Value);
        return new SheetBinding(
            match.Groups[1].Value, source, source is "pick" or "form" ? arguments.Split('/') : arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [GeneratedRegex(@"^\[(\w+) ([\w-]+)(?: x([\d.]+))?\]$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^let (\w+) = (\w+) ?(.*)$")]
    private static partial Regex Let();
}
