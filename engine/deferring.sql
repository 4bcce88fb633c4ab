-- The one door to the queue for a tenant's role, which has no right on the queue itself.
-- Whose job it is follows from the role that the transaction took, never from an argument; a role
-- keeps its name when its tenant is given another.
CREATE OR REPLACE FUNCTION defer_job(
        task text, payload jsonb, only_one text, not_before timestamptz, queue text
    )
    RETURNS bigint
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = joinery, pg_catalog
AS $$
DECLARE
    taken text := current_setting('role');
    alike text;
    made bigint;
BEGIN
    IF taken = 'none' THEN
        taken := session_user::text;
    END IF;
    IF NOT starts_with(taken, 'jt_') THEN
        RAISE EXCEPTION 'no tenant has the role that defers this job'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    alike := taken || ':' || task || ':' || only_one;
    FOR tries IN 1..2 LOOP
        -- One that waits is kept waiting until this transaction's change can be seen by it.
        PERFORM FROM procrastinate_jobs j
            WHERE j.queueing_lock = alike AND j.status = 'todo' FOR KEY SHARE;
        IF FOUND THEN
            PERFORM pg_notify('procrastinate_queue_v1#' || queue,
                json_build_object('type', 'job_inserted', 'job_id', 0)::text);
            RETURN NULL;
        END IF;
        INSERT INTO procrastinate_jobs
            (queue_name, task_name, priority, queueing_lock, args, scheduled_at)
        VALUES (queue, task, 0, alike,
            jsonb_build_object('tenant', taken, 'payload', payload), not_before)
        ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING RETURNING id INTO made;
        EXIT WHEN made IS NOT NULL;
    END LOOP;
    RETURN made;
END;
$$;

-- As it was called before there were several queues: processes of an older version still may.
CREATE OR REPLACE FUNCTION defer_job(
        task text, payload jsonb, only_one text, not_before timestamptz
    )
    RETURNS bigint
    LANGUAGE sql
    SET search_path = joinery, pg_catalog
AS $$ SELECT defer_job(task, payload, only_one, not_before, 'interactive') $$;

UPDATE procrastinate_jobs SET queue_name = 'interactive'
    WHERE queue_name = 'default' AND status = 'todo';

-- Whose a job is; the installation's own are nobody's.
CREATE OR REPLACE FUNCTION tenant_of(args jsonb)
    RETURNS text
    LANGUAGE sql
    IMMUTABLE PARALLEL SAFE
AS $$ SELECT COALESCE(args ->> 'tenant', '') $$;

CREATE INDEX IF NOT EXISTS jobs_waiting ON procrastinate_jobs
    (tenant_of(args), queue_name, priority DESC, id) WHERE status = 'todo';
CREATE INDEX IF NOT EXISTS jobs_running ON procrastinate_jobs
    (tenant_of(args), queue_name) WHERE status = 'doing';
CREATE INDEX IF NOT EXISTS jobs_failed ON procrastinate_jobs
    (tenant_of(args), id) WHERE status = 'failed';

-- Take the next job of a queue: that of a tenant for whom the least is being done, by lot where
-- several have as little, and of a tenant's the oldest. One for whom `most` are being done waits; what
-- a worker holds that has not been heard of for three of its heartbeats takes nobody's place.
CREATE OR REPLACE FUNCTION take_job(queue text, worker bigint, most integer)
    RETURNS SETOF procrastinate_jobs
    LANGUAGE plpgsql
AS $$
DECLARE
    whose text;
    next procrastinate_jobs;
BEGIN
    FOR whose IN
        WITH RECURSIVE waiting AS (
            (SELECT tenant_of(j.args) AS tenant FROM procrastinate_jobs j
             WHERE j.status = 'todo' ORDER BY 1 LIMIT 1)
            UNION ALL
            SELECT (SELECT tenant_of(j.args) FROM procrastinate_jobs j
                    WHERE j.status = 'todo' AND tenant_of(j.args) > w.tenant ORDER BY 1 LIMIT 1)
            FROM waiting w WHERE w.tenant IS NOT NULL
        ), busy AS (
            SELECT w.tenant, (SELECT count(*) FROM procrastinate_jobs j
                              JOIN procrastinate_workers d ON d.id = j.worker_id
                              WHERE j.status = 'doing' AND tenant_of(j.args) = w.tenant
                                AND j.queue_name = queue AND d.last_heartbeat > now() - interval '15 seconds'
                             ) AS doing
            FROM waiting w WHERE w.tenant IS NOT NULL
        )
        SELECT b.tenant FROM busy b WHERE b.doing < most ORDER BY b.doing, random()
    LOOP
        SELECT j.* INTO next FROM procrastinate_jobs j
        WHERE j.status = 'todo' AND tenant_of(j.args) = whose AND j.queue_name = queue
          AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
        ORDER BY j.priority DESC, j.id LIMIT 1
        FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            RETURN QUERY UPDATE procrastinate_jobs j SET status = 'doing', worker_id = worker
                WHERE j.id = next.id RETURNING j.*;
            RETURN;
        END IF;
    END LOOP;
END;
$$;

-- Let workers look again where a tenant had as much done at once as may be, and more waits.
CREATE OR REPLACE FUNCTION tell_of_room(job bigint, most integer)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    whose text;
    queue text;
BEGIN
    SELECT tenant_of(j.args), j.queue_name INTO whose, queue
        FROM procrastinate_jobs j WHERE j.id = job;
    IF EXISTS (SELECT FROM procrastinate_jobs j
               WHERE j.status = 'todo' AND tenant_of(j.args) = whose AND j.queue_name = queue)
       AND (SELECT count(*) FROM procrastinate_jobs j WHERE j.status = 'doing'
            AND tenant_of(j.args) = whose AND j.queue_name = queue) = most - 1 THEN
        PERFORM pg_notify('procrastinate_queue_v1#' || queue,
            json_build_object('type', 'job_inserted', 'job_id', job)::text);
    END IF;
END;
$$;

-- End a job for the worker that does it; one that was held for dead by others ends nothing.
CREATE OR REPLACE FUNCTION end_job(job bigint, outcome text, worker bigint, most integer)
    RETURNS void
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_jobs j
        SET status = outcome::procrastinate_job_status, attempts = j.attempts + 1
        WHERE j.id = job AND j.status = 'doing' AND j.worker_id = worker;
    PERFORM tell_of_room(job, most);
END;
$$;

-- End a job and take the next one for the same place of its worker; others look where none is left
-- to take that may be.
CREATE OR REPLACE FUNCTION end_and_take(
        job bigint, outcome text, queue text, worker bigint, most integer
    )
    RETURNS SETOF procrastinate_jobs
    LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE procrastinate_jobs j
        SET status = outcome::procrastinate_job_status, attempts = j.attempts + 1
        WHERE j.id = job AND j.status = 'doing' AND j.worker_id = worker;
    RETURN QUERY SELECT * FROM take_job(queue, worker, most);
    PERFORM tell_of_room(job, most);
END;
$$;

-- Have a job wait again that is being done, or failed, and tell the workers. Where another waits
-- already that does the same, that one does it for both, and this one has ended.
CREATE OR REPLACE FUNCTION wait_again(job bigint, tries integer, not_before timestamptz)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    queue text;
BEGIN
    UPDATE procrastinate_jobs j
        SET status = 'todo', attempts = tries, scheduled_at = not_before, worker_id = NULL
        WHERE j.id = job AND j.status IN ('doing', 'failed') RETURNING j.queue_name INTO queue;
    PERFORM pg_notify('procrastinate_queue_v1#' || queue,
        json_build_object('type', 'job_inserted', 'job_id', job)::text) WHERE queue IS NOT NULL;
EXCEPTION WHEN unique_violation THEN
    UPDATE procrastinate_jobs j
        SET status = CASE j.status WHEN 'failed' THEN 'cancelled' ELSE 'aborted' END
            ::procrastinate_job_status, attempts = tries
        WHERE j.id = job AND j.status IN ('doing', 'failed');
END;
$$;

-- Have a job that its worker failed at tried again; one of its tenant's that waited for its place
-- may begin.
CREATE OR REPLACE FUNCTION try_again(
        job bigint, not_before timestamptz, worker bigint, most integer
    )
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    tries integer;
BEGIN
    SELECT j.attempts + 1 INTO tries FROM procrastinate_jobs j
        WHERE j.id = job AND j.status = 'doing' AND j.worker_id = worker;
    IF FOUND THEN
        PERFORM wait_again(job, tries, not_before);
        PERFORM tell_of_room(job, most);
    END IF;
END;
$$;

-- Give jobs back that were taken and not begun, as if they had never been taken.
CREATE OR REPLACE FUNCTION put_back(jobs bigint[])
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT j.id, j.attempts, j.scheduled_at FROM procrastinate_jobs j
                WHERE j.id = ANY (jobs) AND j.status = 'doing' FOR UPDATE LOOP
        PERFORM wait_again(each.id, each.attempts, each.scheduled_at);
    END LOOP;
END;
$$;

-- Have the jobs wait again whose worker has not been heard of for as many seconds; one during which
-- as many workers died has failed. However many look at once, each job is taken up once.
CREATE OR REPLACE FUNCTION take_up(dead double precision, deaths integer)
    RETURNS void
    LANGUAGE plpgsql
AS $$
DECLARE
    each record;
BEGIN
    FOR each IN SELECT j.id, j.attempts FROM procrastinate_jobs j
                WHERE j.status = 'doing' AND NOT EXISTS (
                    SELECT FROM procrastinate_workers w WHERE w.id = j.worker_id
                    AND w.last_heartbeat >= now() - make_interval(secs => dead))
                FOR UPDATE SKIP LOCKED LOOP
        IF each.attempts < deaths THEN
            PERFORM wait_again(each.id, each.attempts + 1, NULL);
        ELSE
            UPDATE procrastinate_jobs j SET status = 'failed', attempts = each.attempts + 1
                WHERE j.id = each.id;
        END IF;
    END LOOP;
END;
$$;
