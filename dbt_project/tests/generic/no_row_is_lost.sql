{#- Standing submissions that have another number of rows in the fact than in staging, in the changed periods. -#}
{% test no_row_is_lost(model, staged, submissions) %}

with staged_rows as (
    {% for relation in staged %}
    select
        submission_id,
        1 as staged_count,
        0 as kept_count
    from {{ relation }}
    where {{ changed_periods_filter('period') }}
    union all
    {% endfor %}
    select
        submission_id,
        0 as staged_count,
        1 as kept_count
    from {{ model }}
    where {{ changed_periods_filter('period') }}
),

standing as (
    select submission_id
    from {{ submissions }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}
)

select
    staged_rows.submission_id,
    sum(case when standing.submission_id is null then 0 else staged_rows.staged_count end) as expected_count,
    sum(staged_rows.kept_count) as kept_count
from staged_rows
left join standing on staged_rows.submission_id = standing.submission_id
group by staged_rows.submission_id
having sum(case when standing.submission_id is null then 0 else staged_rows.staged_count end) <> sum(staged_rows.kept_count)

{% endtest %}
