using FineTuneChat.Documents.Reading;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace FineTuneChat.Documents.Formats;

/// <summary>PdfPig's own filters, with a look at what a stream grows to before it is unpacked into memory.</summary>
internal sealed class PdfFilters(PassageWriter limits) : IFilterProvider
{
    private readonly IFilterProvider _filters = DefaultFilterProvider.Instance;

    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Bounded(_filters.GetFilters(dictionary));

    public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Bounded(_filters.GetNamedFilters(names));

    public IReadOnlyList<IFilter> GetAllFilters() => Bounded(_filters.GetAllFilters());

    private IReadOnlyList<IFilter> Bounded(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => new BoundedFilter(filter, limits))];

    private sealed class BoundedFilter(IFilter filter, PassageWriter limits) : IFilter
    {
        private const long SmallPart = 1 << 20; // bytes

        public bool IsSupported => filter.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            limits.Time.Check();
            long size = filter switch
            {
                FlateFilter => UnpackedSize.OfDeflate(input.Span, limits.Limits.PartBytes),
                LzwFilter => UnpackedSize.OfLzw(input.Span),
                RunLengthFilter => UnpackedSize.OfRuns(input.Span),
                _ => input.Length, // these make it no larger, or are pictures that nobody asks for
            };
            if (size > limits.Limits.PartBytes || (size > SmallPart && size / input.Length > limits.Limits.CompressionRatio))
                throw new InvalidDataException(
                    $"a part of it of {input.Length:N0} bytes grows to {size:N0} bytes or more when it is unpacked, which no honest PDF needs.");
            Memory<byte> output = filter.Decode(input, streamDictionary, filterProvider, filterIndex);
            limits.Unpack(output.Length);
            return output;
        }
    }
}
