{{ config(materialized='view') }}

with

chair_terms as (
    select * from {{ ref('int_chair_term__classified') }}
    where is_in_period
),

activities as (
    select * from {{ ref('fct_activity') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- The reports in which an activity of a term may stand: the period's own and those before it.
looked_back as (
    select
        periods.period,
        earlier.period as activity_period
    from periods
    inner join periods as earlier
        on
            {{ quarter_number('periods.year', 'periods.quarter') }}
            - {{ quarter_number('earlier.year', 'earlier.quarter') }}
            between 0 and {{ look_back_quarters() }}
),

final as (
    select
        activities.submission_id,
        chair_terms.unit_code,
        chair_terms.period,
        activities.sheet,
        activities.row,
        chair_terms.subject_key,
        chair_terms.row as term_row,
        activities.period as activity_period,
        activities.activity_name,
        activities.held_on,
        true as is_of_chair
    from chair_terms
    inner join looked_back on chair_terms.period = looked_back.period
    inner join activities
        on
            looked_back.activity_period = activities.period
            and chair_terms.unit_code = activities.unit_code
            and chair_terms.start_on <= activities.held_on
            and least(coalesce(chair_terms.end_on, chair_terms.period_ends_on), chair_terms.period_ends_on)
            >= activities.held_on
            and (
                chair_terms.term_no = activities.term_no
                or chair_terms.unit_name = activities.host_unit_name
            )
)

select * from final
