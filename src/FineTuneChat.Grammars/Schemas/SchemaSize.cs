using System.Text.Json;

namespace FineTuneChat.Grammars.Schemas;

/// <summary>The first look at a schema: its size, before anything is made of it.</summary>
internal static class SchemaSize
{
    /// <exception cref="SchemaException">It is too long, too deep, or has too many values or properties.</exception>
    public static void Check(JsonElement root)
    {
        int text = JsonValueLength(root);
        if (text > SchemaLimits.Text)
            throw new SchemaException("#", $"the schema has {text} bytes; at most {SchemaLimits.Text} are allowed");
        int values = 0, properties = 0;
        var open = new Stack<(JsonElement Value, int Depth, bool AreProperties)>([(root, 1, false)]);
        while (open.TryPop(out var next))
        {
            if (next.Depth > SchemaLimits.Depth)
                throw new SchemaException("#", $"the schema is nested more than {SchemaLimits.Depth} deep");
            if (++values > SchemaLimits.Values)
                throw new SchemaException("#", $"the schema has more than {SchemaLimits.Values} values");
            if (next.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in next.Value.EnumerateArray())
                    open.Push((item, next.Depth + 1, false));
            }
            if (next.Value.ValueKind != JsonValueKind.Object)
                continue;
            foreach (JsonProperty property in next.Value.EnumerateObject())
            {
                if (next.AreProperties && ++properties > SchemaLimits.Properties)
                    throw new SchemaException("#", $"the schema has more than {SchemaLimits.Properties} properties");
                open.Push((property.Value, next.Depth + 1, property.NameEquals("properties") && !next.AreProperties));
            }
        }
    }

    private static int JsonValueLength(JsonElement root) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(root).Length;
}
