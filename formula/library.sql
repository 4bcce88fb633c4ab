-- Functions that formulas call in SQL. They are made anew whenever this text changes; their
-- names begin with formula_. Days count from 0, Monday 1 January of the year 1; times are
-- microseconds from its midnight; tables are those of formula/calendars.py.

CREATE FUNCTION {schema}.formula_days_until(
    day integer, per_week integer, worked bigint[], dates bigint[], shifts bigint[]
) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    weeks integer := floor(day / 7.0);
BEGIN
    RETURN weeks * per_week + worked[day - weeks * 7 + 1]
        + shifts[width_bucket(day::bigint, dates) + 1];
END $$;

CREATE FUNCTION {schema}.formula_workdays(
    first date, last date, per_week integer, worked bigint[], dates bigint[], shifts bigint[]
) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    low integer := first - date '0001-01-01';
    high integer := last - date '0001-01-01';
BEGIN
    IF low > high THEN
        RETURN {schema}.formula_days_until(high - 1, per_week, worked, dates, shifts)
            - {schema}.formula_days_until(low, per_week, worked, dates, shifts);
    END IF;
    RETURN {schema}.formula_days_until(high, per_week, worked, dates, shifts)
        - {schema}.formula_days_until(low - 1, per_week, worked, dates, shifts);
END $$;

CREATE FUNCTION {schema}.formula_add_workdays(
    start date, count numeric, per_week integer, worked bigint[], dates bigint[], shifts bigint[]
) RETURNS date LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    last integer := date '9999-12-31' - date '0001-01-01';
    day integer := start - date '0001-01-01';
    low integer := 0;
    high integer := last;
    middle integer;
    wanted integer;
BEGIN
    IF count = 0 THEN
        RETURN start;
    ELSIF abs(count) > last THEN
        RETURN NULL;
    ELSIF count > 0 THEN
        wanted := {schema}.formula_days_until(day, per_week, worked, dates, shifts);
    ELSE
        wanted := {schema}.formula_days_until(day - 1, per_week, worked, dates, shifts) + 1;
    END IF;
    wanted := wanted + trunc(count);
    IF wanted < 1
        OR {schema}.formula_days_until(last, per_week, worked, dates, shifts) < wanted THEN
        RETURN NULL;
    END IF;
    WHILE low < high LOOP
        middle := (low + high) / 2;
        IF {schema}.formula_days_until(middle, per_week, worked, dates, shifts) >= wanted THEN
            high := middle;
        ELSE
            low := middle + 1;
        END IF;
    END LOOP;
    RETURN date '0001-01-01' + low;
END $$;

CREATE FUNCTION {schema}.formula_time_until(
    moment bigint, week_time integer, week_starts bigint[], week_values bigint[],
    week_slopes bigint[], starts bigint[], "values" bigint[], slopes bigint[]
) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    minute constant bigint := 60000000;
    weeks bigint := moment / (10080 * minute);
    rest bigint := moment % (10080 * minute);
    place integer := width_bucket(rest / minute, week_starts);
    differing integer := width_bucket(moment / minute, starts);
    found bigint;
BEGIN
    found := (weeks * week_time + week_values[place]) * minute
        + week_slopes[place] * (rest - week_starts[place] * minute);
    IF differing > 0 THEN
        found := found + "values"[differing + 1] * minute
            + slopes[differing + 1] * (moment - starts[differing] * minute);
    END IF;
    RETURN found;
END $$;

CREATE FUNCTION {schema}.formula_worktime(
    start timestamp, finish timestamp, week_time integer, week_starts bigint[],
    week_values bigint[], week_slopes bigint[], starts bigint[], "values" bigint[], slopes bigint[]
) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    low bigint := extract(epoch FROM start - timestamp '0001-01-01') * 1000000;
    high bigint := extract(epoch FROM finish - timestamp '0001-01-01') * 1000000;
BEGIN
    RETURN {schema}.formula_time_until(
            high, week_time, week_starts, week_values, week_slopes, starts, "values", slopes)
        - {schema}.formula_time_until(
            low, week_time, week_starts, week_values, week_slopes, starts, "values", slopes);
END $$;

CREATE FUNCTION {schema}.formula_add_worktime(
    start timestamp, hours numeric, week_time integer, week_starts bigint[],
    week_values bigint[], week_slopes bigint[], starts bigint[], "values" bigint[], slopes bigint[]
) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    finish constant bigint :=
        extract(epoch FROM timestamp '10000-01-01' - timestamp '0001-01-01') * 1000000;
    low bigint := extract(epoch FROM start - timestamp '0001-01-01') * 1000000;
    high bigint := finish;
    length bigint;
    middle bigint;
    wanted bigint;
    worked bigint;
BEGIN
    IF abs(hours) > 90000000 THEN
        RETURN NULL;
    END IF;
    length := round(hours * 3600000000);
    IF length = 0 THEN
        RETURN start;
    END IF;
    wanted := length + {schema}.formula_time_until(
        low, week_time, week_starts, week_values, week_slopes, starts, "values", slopes);
    IF length < 0 THEN
        IF wanted < 0 THEN
            RETURN NULL;
        END IF;
        high := low;
        low := 0;
    END IF;
    WHILE low < high LOOP
        middle := (low + high) / 2;
        worked := {schema}.formula_time_until(
            middle, week_time, week_starts, week_values, week_slopes, starts, "values", slopes);
        IF worked > wanted OR (length > 0 AND worked = wanted) THEN
            high := middle;
        ELSE
            low := middle + 1;
        END IF;
    END LOOP;
    IF length < 0 THEN
        low := low - 1;
    END IF;
    IF low < 0 OR low >= finish THEN
        RETURN NULL;
    END IF;
    RETURN timestamp '0001-01-01'
        + make_interval(days => (low / 86400000000)::integer)
        + (low % 86400000000) * interval '1 microsecond';
END $$;

CREATE FUNCTION {schema}.formula_rmb_section(number integer)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    digits constant text := '零壹贰叁肆伍陆柒捌玖';
    units constant text[] := ARRAY['仟', '佰', '拾', ''];
    found text := '';
    digit integer;
    gap boolean := false;
BEGIN
    FOR place IN 1..4 LOOP
        digit := (number / (10 ^ (4 - place))::integer) % 10;
        IF digit = 0 THEN
            gap := true;
        ELSE
            IF gap AND found <> '' THEN
                found := found || '零';
            END IF;
            gap := false;
            found := found || substr(digits, digit + 1, 1) || units[place];
        END IF;
    END LOOP;
    RETURN found;
END $$;

CREATE FUNCTION {schema}.formula_rmb_whole(number bigint)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    size bigint;
    rest bigint;
BEGIN
    IF number < 10000 THEN
        RETURN {schema}.formula_rmb_section(number::integer);
    END IF;
    size := CASE WHEN number < 100000000 THEN 10000 ELSE 100000000 END;
    rest := number % size;
    RETURN {schema}.formula_rmb_whole(number / size)
        || CASE WHEN size = 10000 THEN '万' ELSE '亿' END
        || CASE WHEN rest > 0 AND rest < size / 10 THEN '零' ELSE '' END
        || {schema}.formula_rmb_whole(rest);
END $$;

CREATE FUNCTION {schema}.formula_rmb_upper(amount numeric)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    digits constant text := '零壹贰叁肆伍陆柒捌玖';
    cents numeric := abs(round(amount * 100));
    sign text := CASE WHEN amount < 0 AND cents > 0 THEN '负' ELSE '' END;
    whole bigint;
    tenth integer;
    hundredth integer;
    found text;
BEGIN
    IF cents >= 1000000000000000000 THEN
        RETURN NULL;
    END IF;
    whole := div(cents, 100);
    tenth := div(cents, 10) % 10;
    hundredth := cents % 10;
    found := {schema}.formula_rmb_whole(whole);
    IF whole > 0 THEN
        found := found || '元';
    ELSIF cents = 0 THEN
        found := '零元';
    END IF;
    IF tenth > 0 THEN
        found := found || substr(digits, tenth + 1, 1) || '角';
    ELSIF hundredth > 0 AND whole > 0 THEN
        found := found || '零';
    END IF;
    IF hundredth > 0 THEN
        RETURN sign || found || substr(digits, hundredth + 1, 1) || '分';
    END IF;
    RETURN sign || found || '整';
END $$;

CREATE TABLE {schema}.formula_reading (
    han text COLLATE "C" PRIMARY KEY,
    reading text COLLATE "C" NOT NULL
);

CREATE FUNCTION {schema}.formula_pinyin(written text, style text)
RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    length constant integer := char_length(written);
    at integer := 1;
    size integer;
    plain text := '';
    found text := '';
    spoken text;
    gap constant text := CASE WHEN style = 'spaced' THEN ' ' ELSE '' END;
BEGIN
    IF written !~ '[〇㐀-鿿]' THEN
        RETURN written;
    END IF;
    WHILE at <= length + 1 LOOP
        spoken := NULL;
        size := 4;
        WHILE spoken IS NULL AND size > 0 AND at <= length LOOP
            SELECT reading INTO spoken FROM {schema}.formula_reading
                WHERE han = substr(written, at, size) COLLATE "C"
                AND char_length(substr(written, at, size)) = size;
            size := size - 1;
        END LOOP;
        IF spoken IS NULL AND at <= length THEN
            plain := plain || substr(written, at, 1);
            at := at + 1;
            CONTINUE;
        END IF;
        IF style = 'spaced' THEN
            plain := btrim(plain, ' ');
        END IF;
        IF plain <> '' THEN
            found := found || gap || plain;
            plain := '';
        END IF;
        IF spoken IS NULL THEN
            EXIT;
        ELSIF style = 'initials' THEN
            spoken := regexp_replace(spoken, '([a-z])[a-z]* ?', '\1', 'g');
        ELSE
            spoken := replace(spoken, ' ', gap);
        END IF;
        found := found || gap || spoken;
        at := at + size + 1;
    END LOOP;
    RETURN ltrim(found, gap);
END $$;
