using System.Text.Json;
using System.Text.Json.Nodes;

namespace FineTuneChat.Inference.Tests.Grammars;

/// <summary>Schemas of all keywords that are enforced, nested and recursive, from a seed.</summary>
internal sealed class RandomSchema(int seed)
{
    private static readonly string[] Patterns = ["^[a-z]{1,6}$", "^\\d{3}-\\d{4}$", "^(red|green|blue)( (light|dark))?$", "^[^\"\\\\]{0,4}\\n?$", "b+",
        "^\\w+@\\w+\\.(com|org)$", "^.{2,5}$"];
    private static readonly string[] Formats = ["date", "time", "date-time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri"];
    private static readonly string[] Names = ["id", "name", "größe", "a\"b", "tags", "x", "next", "value"];

    private readonly Random _random = new(seed);

    public string Write()
    {
        var root = (JsonObject)Any(3);
        root["$defs"] = new JsonObject
        {
            ["tree"] = JsonNode.Parse(
                """{"type":"object","properties":{"value":{"type":"integer","minimum":0},"children":{"type":"array","items":{"$ref":"#/$defs/tree"}"""
                + ""","maxItems":3}},"required":["value"],"additionalProperties":false}"""),
            ["leaf"] = Text(),
        };
        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = seed % 2 == 0 });
    }

    private JsonNode Any(int depth) => _random.Next(depth > 0 ? 16 : 8) switch
    {
        0 or 1 or 2 => Text(),
        3 or 4 => Number(),
        5 => Values(),
        6 => new JsonObject { ["type"] = Pick("boolean", "null") },
        7 => new JsonObject { ["$ref"] = Pick("#/$defs/tree", "#/$defs/leaf") },
        8 => new JsonObject { ["anyOf"] = new JsonArray([.. Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Any(depth - 1))]) },
        9 => new JsonObject
        {
            ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string", ["format"] = Pick(Formats) }, Number(),
            new JsonObject { ["type"] = "null" })
        },
        10 => new JsonObject { ["allOf"] = new JsonArray(Object(depth - 1, Names[..3], open: true), Object(depth - 1, Names[3..5], open: true)) },
        11 or 12 => Array(depth),
        _ => Object(depth, Names[..(1 + _random.Next(Names.Length))], open: Chance(3)),
    };

    private JsonObject Text()
    {
        var text = new JsonObject { ["type"] = Chance(6) ? new JsonArray("string", "null") : "string" };
        switch (_random.Next(4))
        {
            case 0:
                text["pattern"] = Pick(Patterns);
                break;
            case 1:
                text["format"] = Pick(Formats);
                break;
            case 2:
                int min = _random.Next(4);
                text["minLength"] = min;
                text["maxLength"] = min + _random.Next(9);
                break;
            default:
                text["maxLength"] = _random.Next(20);
                break;
        }
        return text;
    }

    private JsonObject Number()
    {
        var number = new JsonObject { ["type"] = Pick("integer", "number") };
        int low = _random.Next(-2000, 2000);
        if (Chance(2))
            number[Pick("minimum", "exclusiveMinimum")] = low;
        if (Chance(2))
            number[Pick("maximum", "exclusiveMaximum")] = low + 1.5 + _random.Next(3000);
        if (Chance(5))
        {
            number["type"] = "integer";
            number["multipleOf"] = 1 + _random.Next(12);
        }
        return number;
    }

    private JsonObject Values() => Chance(3)
        ? new JsonObject { ["const"] = JsonNode.Parse(Pick("\"ä\\n\"", "{\"a\":[1,2]}", "3.5")) }
        : new JsonObject { ["enum"] = new JsonArray("one", "two\t", 3, null, true), ["type"] = new JsonArray("string", "integer") };

    private JsonObject Array(int depth)
    {
        var array = new JsonObject { ["type"] = "array", ["items"] = Any(depth - 1), ["minItems"] = _random.Next(3), ["maxItems"] = 2 + _random.Next(3) };
        if (Chance(3))
            array["prefixItems"] = new JsonArray(Any(depth - 1), Any(0));
        return array;
    }

    private JsonObject Object(int depth, string[] names, bool open)
    {
        var properties = new JsonObject();
        foreach (string name in names)
            properties[name] = Any(depth - 1);
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray(
            [.. names.Where(_ => Chance(2)).Select(n => JsonValue.Create(n))])
        };
        if (!open)
            schema["additionalProperties"] = false;
        else if (Chance(2))
            schema["additionalProperties"] = Text();
        return schema;
    }

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private string Pick(params string[] options) => options[_random.Next(options.Length)];
}
