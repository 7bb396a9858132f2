-- What became of the examples that a run taught its version. It goes with the example: what a model writes may repeat it.
CREATE TABLE taught_examples (
    run_id         TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    example_id     TEXT NOT NULL REFERENCES examples (id) ON DELETE CASCADE,
    verdict        TEXT NOT NULL CHECK (verdict IN ('learned', 'partly', 'not_learned')),
    loss_before    REAL NOT NULL, -- nats per token under the version that was in service
    loss_after     REAL NOT NULL,
    writes         TEXT,          -- most probable reply; NULL: not asked, only measured
    otherwise      TEXT,          -- a drawn reply that is wrong
    draws          INTEGER NOT NULL,
    right_draws    INTEGER NOT NULL,
    PRIMARY KEY (run_id, example_id)
) WITHOUT ROWID;
CREATE INDEX taught_examples_by_example ON taught_examples (example_id);
