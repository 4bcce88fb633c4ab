-- Beside procrastinate's own tables, in the schema that search_path names first.

CREATE TABLE job_progress (
    job bigint PRIMARY KEY REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now()
);
