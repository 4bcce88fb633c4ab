-- The one door to the queue for a tenant's role, which has no right on the queue itself.
-- Whose job it is follows from the role that the transaction took, never from an argument; a role
-- keeps its name when its tenant is given another.
CREATE OR REPLACE FUNCTION defer_job(
        task text, payload jsonb, only_one text, not_before timestamptz
    )
    RETURNS bigint
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = joinery, pg_catalog
AS $$
DECLARE
    taken text := current_setting('role');
    alike text;
    made bigint[];
BEGIN
    IF taken = 'none' THEN
        taken := session_user::text;
    END IF;
    IF NOT starts_with(taken, 'jt_') THEN
        RAISE EXCEPTION 'no tenant has the role that defers this job'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    alike := taken || ':' || task || ':' || only_one;
    IF EXISTS (SELECT 1 FROM procrastinate_jobs j
               WHERE j.queueing_lock = alike AND j.status = 'todo') THEN
        RETURN NULL;
    END IF;
    made := procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', task, 0, NULL, alike,
        jsonb_build_object('tenant', taken, 'payload', payload), not_before
    )::procrastinate_job_to_defer_v1]);
    RETURN made[1];
END;
$$;
