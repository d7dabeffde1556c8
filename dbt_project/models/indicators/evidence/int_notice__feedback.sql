{{ config(materialized='view') }}

with

notices as (
    select * from {{ ref('notices') }}
),

roster as (
    select * from {{ ref('dim_roster') }}
),

tree as (
    select * from {{ ref('bridge_unit_ancestor') }}
    where tree = 'reporting' and depth = 1
),

-- Every accepted file counts: one that came in time stays in time when it is replaced later.
feedback as (
    select * from {{ ref('fct_submission') }}
    where form = 'feedback' and state = 'accepted'
),

-- Only the standing file has rows in the warehouse; a replaced one is known by its receipt.
feedback_rows as (
    select * from {{ ref('fct_feedback') }}
),

final as (
    select
        feedback.submission_id,
        roster.unit_code,
        roster.period,
        feedback_rows.sheet,
        feedback_rows.row,
        notices.notice_id,
        notices.title_zh,
        notices.deadline_at,
        feedback.submitted_at,
        concat(notices.notice_id, '/', roster.unit_code) as subject_key,
        coalesce(feedback.submitted_at <= notices.deadline_at, false) as is_in_time
    from notices
    inner join roster on notices.period = roster.period
    inner join tree
        on
            roster.unit_code = tree.unit_code
            and notices.issuer_code = tree.ancestor_code
    left join feedback
        on
            notices.notice_id = feedback.period
            and roster.unit_code = feedback.unit_code
    left join feedback_rows on feedback.submission_id = feedback_rows.submission_id
)

select * from final
