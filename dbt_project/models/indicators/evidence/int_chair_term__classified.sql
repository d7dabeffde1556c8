{{ config(materialized='view') }}

with

chair_terms as (
    select * from {{ ref('fct_chair_term') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

measured as (
    select
        chair_terms.submission_id,
        chair_terms.unit_code,
        chair_terms.period,
        chair_terms.sheet,
        chair_terms.row,
        concat(chair_terms.unit_code, '/', chair_terms.term_no) as subject_key,
        chair_terms.term_no,
        chair_terms.unit_name,
        chair_terms.start_on,
        chair_terms.end_on,
        periods.ends_on as period_ends_on,
        chair_terms.start_on <= periods.ends_on
        and (chair_terms.end_on is null or chair_terms.end_on >= periods.starts_on) as is_in_period,
        {{ month_number('chair_terms.end_on') }}
        - {{ month_number('chair_terms.start_on') }} as month_difference,
        {{ days_between('chair_terms.start_on', 'chair_terms.end_on') }} as day_count
    from chair_terms
    inner join periods on chair_terms.period = periods.period
),

final as (
    select
        submission_id,
        unit_code,
        period,
        sheet,
        row,
        subject_key,
        term_no,
        unit_name,
        start_on,
        end_on,
        period_ends_on,
        is_in_period,
        -- The smallest n with end_on <= start_on + n months: the difference of the months, or one more.
        case
            when end_on <= {{ plus_months('start_on', 'month_difference') }} then month_difference
            else month_difference + 1
        end as month_count,
        day_count
    from measured
)

select * from final
