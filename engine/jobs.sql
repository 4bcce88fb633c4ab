-- Beside procrastinate's own tables, in the schema that search_path names first.

CREATE TABLE job_progress (
    job bigint PRIMARY KEY REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    note text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now()
);

-- The one door to the queue for a tenant's role, which has no right on the queue itself.
-- Whose job it is follows from the role that the transaction took, never from an argument.
CREATE FUNCTION defer_job(task text, payload jsonb, only_one text, not_before timestamptz)
    RETURNS bigint
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = joinery, pg_catalog
AS $$
DECLARE
    taken text := current_setting('role');
    place text;
    alike text;
    made bigint[];
BEGIN
    SELECT t.name INTO place FROM tenant t
        WHERE t.role = CASE taken WHEN 'none' THEN session_user::text ELSE taken END;
    IF place IS NULL THEN
        RAISE EXCEPTION 'no tenant has the role that defers this job'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    alike := place || ':' || task || ':' || only_one;
    IF EXISTS (SELECT 1 FROM procrastinate_jobs j
               WHERE j.queueing_lock = alike AND j.status = 'todo') THEN
        RETURN NULL;
    END IF;
    made := procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', task, 0, NULL, alike,
        jsonb_build_object('tenant', place, 'payload', payload), not_before
    )::procrastinate_job_to_defer_v1]);
    RETURN made[1];
END;
$$;
