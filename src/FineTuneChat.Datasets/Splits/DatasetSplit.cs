using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FineTuneChat.Datasets.Messages;

namespace FineTuneChat.Datasets.Splits;

/// <summary>A dataset in three parts: to learn from, to choose by, and to measure with at the end.</summary>
/// <param name="Train">Learned.</param>
/// <param name="Validation">Measured with while learning: what is chosen is chosen by these.</param>
/// <param name="Test">Nothing is chosen by these.</param>
public sealed record DatasetSplit(IReadOnlyList<DatasetRow> Train, IReadOnlyList<DatasetRow> Validation, IReadOnlyList<DatasetRow> Test)
{
    private const double LargestGroup = 0.2; // of the rows: a larger group of one template is no group but the whole set
    private const int FewestForValidation = 10; // rows

    /// <summary>
    /// Splits by similarity: rows whose questions differ in names and numbers only are on one side, so that a phrase learned by heart is not taken for a skill.
    /// The same rows give the same parts, whatever their order. There is always a row to learn.
    /// </summary>
    /// <param name="rows">Good ones.</param>
    /// <param name="validation">
    /// Share of the rows, 0 to below 1; of ten rows or more at least one, of fewer none unless <paramref name="needsValidation"/>.
    /// </param>
    /// <param name="test">Share of the rows; where it is not 0, at least one of two or more.</param>
    /// <param name="seed">Other parts for another one.</param>
    /// <param name="needsValidation">Whether something is to be chosen.</param>
    public static DatasetSplit Of(IReadOnlyList<DatasetRow> rows, double validation, double test, int seed, bool needsValidation = false)
    {
        List<int[]> groups = [.. Groups(rows).OrderBy(group => Order(group.Key, seed)).ThenBy(group => group.Rows[0]).Select(group => group.Rows)];
        int left = rows.Count - 1; // one is to be learned
        int[] tested = Take(test == 0 ? 0 : Math.Min(left, Math.Max(1, Rounded(test))));
        left -= tested.Length;
        bool isValidated = validation > 0 && (needsValidation || rows.Count >= FewestForValidation);
        int[] validated = Take(!isValidated ? 0 : Math.Min(left, Math.Max(1, Rounded(validation))));
        HashSet<int> aside = [.. tested, .. validated];
        return new(At(Enumerable.Range(0, rows.Count).Where(i => !aside.Contains(i))), At(validated), At(tested));

        int Rounded(double share) => (int)Math.Round(share * rows.Count, MidpointRounding.AwayFromZero);

        DatasetRow[] At(IEnumerable<int> places) => [.. places.Order().Select(i => rows[i])];

        int[] Take(int wanted)
        {
            var taken = new List<int>();
            for (int i = 0; i < groups.Count && taken.Count < wanted;)
            {
                if (taken.Count + groups[i].Length <= wanted)
                {
                    taken.AddRange(groups[i]);
                    groups.RemoveAt(i);
                }
                else
                    i++;
            }
            if (taken.Count == 0 && wanted > 0 && groups.Count > 1) // all groups are larger than what is wanted
            {
                int[] smallest = groups.MinBy(group => group.Length)!;
                groups.Remove(smallest);
                taken.AddRange(smallest);
            }
            return [.. taken];
        }
    }

    /// <summary>Rows of one template together; a template of more than a fifth of all rows is divided, first by question, then altogether.</summary>
    private static IEnumerable<(string Key, int[] Rows)> Groups(IReadOnlyList<DatasetRow> rows)
    {
        double most = Math.Max(2, LargestGroup * rows.Count);
        return By(Enumerable.Range(0, rows.Count), i => Skeleton.Of(Question(rows[i]))).SelectMany(template => template.Rows.Length <= most
            ? [template]
            : By(template.Rows, i => Question(rows[i]))
                .SelectMany(same => same.Rows.Length <= most ? [same] : same.Rows.Select(i => (Whole(rows[i]), (int[])[i]))));

        static IEnumerable<(string Key, int[] Rows)> By(IEnumerable<int> places, Func<int, string> key) =>
            places.GroupBy(key).Select(group => (group.Key, (int[])[.. group]));
    }

    private static string Whole(DatasetRow row) => string.Join('\n', (row.Conversation ?? row.Preference!.Reply).Messages.Select(m => m.Content));

    private static string Question(DatasetRow row) =>
        (row.Conversation ?? row.Preference!.Reply).Messages.LastOrDefault(m => m.Role == ChatRole.User)?.Content ?? "";

    /// <summary>The same number for the same text, on every machine.</summary>
    private static ulong Order(string text, int seed) => BinaryPrimitives.ReadUInt64LittleEndian(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}\n{text}"))));
}
